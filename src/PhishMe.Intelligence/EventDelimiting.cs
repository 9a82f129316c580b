namespace PhishMe.Intelligence;

/// <summary>How a syslog collector tells where an event ends on a connection.</summary>
public enum EventDelimiting
{
    /// <summary>A line feed behind each event.</summary>
    LineFeed,

    /// <summary>The length in octets before each event.</summary>
    OctetCount,
}
