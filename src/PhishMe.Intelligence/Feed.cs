namespace PhishMe.Intelligence;

/// <summary>A feed the credentials have to do with.</summary>
public sealed record Feed
{
    /// <summary>Its number.</summary>
    public required long Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it may be read.</summary>
    public bool CanRead { get; init; }

    /// <summary>Whether threats may be submitted to it.</summary>
    public bool CanWrite { get; init; }

    /// <summary>Whether it belongs to the owner of the credentials.</summary>
    public bool IsOwner { get; init; }

    /// <summary>The name.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Name;
}
