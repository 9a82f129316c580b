using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Configuration;

/// <summary>[local_sqlite] and [state].</summary>
internal sealed record StateSettings
{
    /// <summary>Full path of the state file, which a shared state takes the place of; its folder takes temporary files, too.</summary>
    public required string File { get; init; }

    /// <summary>The database that hosts share; null when the state is in the file.</summary>
    public SharedStateAddress? Shared { get; init; }

    /// <summary>Where the state is.</summary>
    public StateLocation Location => new() { File = File, Shared = Shared };

    /// <summary>Whether full threats and the indicator index are kept for offline look-ups.</summary>
    public required bool KeepThreats { get; init; }

    /// <summary>For how long (hours) a threat whose content did not change is not emitted again; null when not in use.</summary>
    public int? DeduplicationHours { get; init; }

    /// <summary>For how long (days) threats are kept in the store; null to keep them for good.</summary>
    public int? RetentionDays { get; init; }
}
