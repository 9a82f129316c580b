namespace PhishMe.Intelligence;

/// <summary>A resource of a phishing page.</summary>
public sealed record WebComponent
{
    /// <summary>Where it was loaded from.</summary>
    public ThreatUrl? Url { get; init; }

    /// <summary>Name; may be empty.</summary>
    public string? FileName { get; init; }

    /// <summary>Extension with dot.</summary>
    public string? FileExtension { get; init; }

    /// <summary>Size in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>The hashes.</summary>
    public FileHashes Hashes { get; init; } = FileHashes.None;

    /// <summary>The URL, or the name.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Url?.Url ?? FileName ?? Hashes.ToString();
}
