namespace PhishMe.Intelligence;

/// <summary>A file in a phishing kit.</summary>
public sealed record KitFile
{
    /// <summary>Name.</summary>
    public string? FileName { get; init; }

    /// <summary>Path in the archive.</summary>
    public string? Path { get; init; }

    /// <summary>Size in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>The hashes.</summary>
    public FileHashes Hashes { get; init; } = FileHashes.None;

    /// <summary>Addresses found in it.</summary>
    public IReadOnlyList<KitEmail> Emails { get; init; } = [];

    /// <summary>Path, or name.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Path ?? FileName ?? Hashes.ToString();
}
