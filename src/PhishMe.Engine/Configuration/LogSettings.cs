namespace PhishMe.Engine.Configuration;

/// <summary>[local_log].</summary>
internal sealed record LogSettings
{
    /// <summary>Full path of the live log file.</summary>
    public required string File { get; init; }

    /// <summary>Lowest level that is written.</summary>
    public required LogLevel Level { get; init; }

    /// <summary>Whether errors and the end of each run also go to the log of the system.</summary>
    public bool EventLog { get; init; }
}
