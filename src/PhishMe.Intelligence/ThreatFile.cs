namespace PhishMe.Intelligence;

/// <summary>A file of a malware threat (<c>executableSet</c>).</summary>
public sealed record ThreatFile
{
    /// <summary>Name, any Unicode; null in cut records.</summary>
    public string? FileName { get; init; }

    /// <summary>Extension without dot, as the vendor determined it; may disagree with the name.</summary>
    public string? FileExtension { get; init; }

    /// <summary>How it came: <c>Attachment</c>, <c>Download</c>, <c>Drop</c>; an open set.</summary>
    public string? Type { get; init; }

    /// <summary>What kind of file, in the vendor's words.</summary>
    public string? Subtype { get; init; }

    /// <summary>How bad it is (<c>severityLevel</c>); null when the vendor does not say.</summary>
    public Impact? Impact { get; init; }

    /// <summary>When the vendor recorded it.</summary>
    public DateTimeOffset? Entered { get; init; }

    /// <summary>The hashes.</summary>
    public FileHashes Hashes { get; init; } = FileHashes.None;

    /// <summary>The malware family.</summary>
    public string? Family { get; init; }

    /// <summary>The delivery mechanism, given instead of a family.</summary>
    public string? DeliveryMechanism { get; init; }

    /// <summary>Names of the scanners that found it malicious.</summary>
    public IReadOnlyList<string> DetectedBy { get; init; } = [];

    /// <summary>The name, or a hash of a file without name.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => FileName ?? Hashes.ToString();
}
