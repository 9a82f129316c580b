namespace PhishMe.Intelligence;

/// <summary>A connection for interactive use. May be used by several threads at a time; one brake and one connection pool serve all.</summary>
public interface IIntelligenceSession : IAsyncDisposable
{
    /// <summary>Root of the API.</summary>
    Uri BaseUri { get; }

    /// <summary>User part of the token, cut: enough to tell tokens apart.</summary>
    string User { get; }

    /// <summary>The proxy; null for none.</summary>
    Uri? Proxy { get; }

    /// <summary>Whether the server's certificate is verified.</summary>
    bool VerifiesTls { get; }

    /// <summary>The configuration file it was made of; null when it was made without one.</summary>
    string? ConfigurationPath { get; }

    /// <summary>What the configuration file gives reason to warn of.</summary>
    IReadOnlyList<string> Warnings { get; }

    /// <summary>Requests sent so far, repeats included.</summary>
    int Requests { get; }

    /// <summary>Proves that the API is there and takes the credentials.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The feeds.</returns>
    Task<IReadOnlyList<Feed>> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Checks reachability, credentials and clock; failures are results, not thrown.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>One result per check.</returns>
    IAsyncEnumerable<CheckResult> CheckAsync(CancellationToken cancellationToken);

    /// <summary>Searches. Pages are fetched as they are needed, a few ahead.</summary>
    /// <param name="query">What to search for.</param>
    /// <param name="progress">Receives how far it is; may be null.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>One batch per page, each threat once.</returns>
    IAsyncEnumerable<ThreatBatch> SearchAsync(ThreatQuery query, IProgress<RunProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Searches for indicators of any kind (URL, domain, address, hash, e-mail address), possibly defanged.</summary>
    /// <param name="indicators">The indicators as a person writes them.</param>
    /// <param name="query">What else has to match.</param>
    /// <param name="progress">Receives how far it is; may be null.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The threats that have any of them, each once; values that are not indicators are among the missed.</returns>
    IAsyncEnumerable<ThreatBatch> SearchIndicatorsAsync(
        IReadOnlyList<string> indicators, ThreatQuery query, IProgress<RunProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Fetches threats by id, a hundred per request.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="progress">Receives how far it is; may be null.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The threats in the order asked for; each one that could not be had is among the missed.</returns>
    IAsyncEnumerable<ThreatBatch> GetThreatsAsync(IReadOnlyList<ThreatId> ids, IProgress<RunProgress>? progress, CancellationToken cancellationToken);

    /// <summary>The indicators of what was published since, without their threats.</summary>
    /// <param name="since">From when on.</param>
    /// <param name="progress">Receives how far it is; may be null.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The indicators.</returns>
    IAsyncEnumerable<Indicator> GetIndicatorsAsync(DateTimeOffset since, IProgress<RunProgress>? progress, CancellationToken cancellationToken);

    /// <summary>The Active Threat Report of a threat.</summary>
    /// <param name="id">The threat.</param>
    /// <param name="format">The format.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The document.</returns>
    /// <exception cref="PhishMeException">There is no report (<see cref="Faults.ReportNotFound"/>), or it cannot be fetched.</exception>
    Task<ReadOnlyMemory<byte>> GetReportAsync(ThreatId id, ReportFormat format, CancellationToken cancellationToken);

    /// <summary>Begins a sync from a named position and holds that position until it is disposed. Sends nothing yet.</summary>
    /// <param name="position">Name of the position.</param>
    /// <param name="since">Start over from this time; null to continue.</param>
    /// <param name="store">
    /// Path of a state file in which the threats of a batch are stored before any of them is handed over, and withdrawn ones marked; it is made when it is
    /// missing. Null to store nothing.
    /// </param>
    /// <returns>The sync.</returns>
    /// <exception cref="PhishMeException">There is no such position, another sync holds it, or the state file cannot be used.</exception>
    IThreatSync OpenSync(string position, DateTimeOffset? since, string? store = null);
}
