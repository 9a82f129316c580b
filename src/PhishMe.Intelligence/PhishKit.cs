namespace PhishMe.Intelligence;

/// <summary>A phishing kit found on the server of a phishing page.</summary>
public sealed record PhishKit
{
    /// <summary>Name of the archive.</summary>
    public string? Name { get; init; }

    /// <summary>Size in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>The hashes of the archive.</summary>
    public FileHashes Hashes { get; init; } = FileHashes.None;

    /// <summary>The files in it.</summary>
    public IReadOnlyList<KitFile> Files { get; init; } = [];

    /// <summary>The name of the archive.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Name ?? Hashes.ToString();
}
