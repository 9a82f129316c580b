namespace PhishMe.Intelligence;

/// <summary>How bad contact with an indicator is (STIX impact vocabulary), in rising order so that it can be compared.</summary>
public enum Impact
{
    /// <summary>Benign, merely contacted.</summary>
    None,

    /// <summary>Shared neighbourhood, mostly benign.</summary>
    Minor,

    /// <summary>Abused but not owned by criminals; newer answers also write <c>Medium</c>.</summary>
    Moderate,

    /// <summary>Criminal-owned or solely malicious.</summary>
    Major,
}
