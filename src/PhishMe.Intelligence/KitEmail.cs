namespace PhishMe.Intelligence;

/// <summary>An address found in a file of a phishing kit.</summary>
public sealed record KitEmail
{
    /// <summary>The address.</summary>
    public required string Address { get; init; }

    /// <summary>How it was hidden: <c>plaintext</c>, <c>base64</c>, …; an open set.</summary>
    public string? Obfuscation { get; init; }

    /// <summary>The address.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Address;
}
