namespace PhishMe.Engine.Storage;

/// <summary>What a server that keeps a shared state says about itself and about what this account may do there.</summary>
internal sealed record StateServerReport
{
    /// <summary>The version of the server, such as 15.14.</summary>
    public required Version ServerVersion { get; init; }

    /// <summary>Whether the server takes changes; false for a standby.</summary>
    public required bool TakesChanges { get; init; }

    /// <summary>The encoding of the database; only UTF8 holds every threat.</summary>
    public required string Encoding { get; init; }

    /// <summary>The version of the tables; 0 before the first run.</summary>
    public required int Version { get; init; }

    /// <summary>The newest version of the tables that this program knows.</summary>
    public required int NewestVersion { get; init; }

    /// <summary>What this account may not do and a run has to, such as <c>CREATE in database intel</c>; empty when it may do everything.</summary>
    public required IReadOnlyList<string> MissingRights { get; init; }

    /// <summary>By how much the clock of the server is ahead of ours; half of the time that the answer took is accounted for.</summary>
    public required TimeSpan ClockAhead { get; init; }

    /// <summary>Who has the lease, such as <c>phishme collector-1 4711</c>; null when no run is under way.</summary>
    public string? Holder { get; init; }

    /// <summary>Whether the connection is encrypted; null for a connection that does not leave this machine.</summary>
    public bool? IsEncrypted { get; init; }
}
