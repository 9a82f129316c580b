namespace PhishMe.Intelligence;

/// <summary>How a destination is delivered to.</summary>
public enum DestinationKind
{
    /// <summary>Files, written before the position moves.</summary>
    Transactional,

    /// <summary>A queue on the disk that is sent to a target: syslog, HTTP, TAXII.</summary>
    Queued,

    /// <summary>Made from the store at the end of a run: lists and feed files.</summary>
    Rebuilt,
}
