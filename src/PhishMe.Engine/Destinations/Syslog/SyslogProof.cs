namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>What is known about the events sent since the last confirmation.</summary>
internal enum SyslogProof
{
    /// <summary>The collector has read every byte: it closed its side in order after ours.</summary>
    Delivered,

    /// <summary>
    /// Nothing says that anything was lost, and nothing proves the contrary: UDP, or a collector whose system has taken all bytes
    /// but which does not close connections. Repeating would repeat for ever.
    /// </summary>
    Unproven,

    /// <summary>The connection broke or the collector did not take everything: repeat all events since the last confirmation.</summary>
    Broken,
}
