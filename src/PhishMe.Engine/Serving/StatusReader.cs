using PhishMe.Engine.Serving.Measuring;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving;

/// <summary>
/// Reads the status of an integration. Takes no lock, so that a run may be under way. What is expensive is read once for all who ask within a short time.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="configurationPath">Path of the configuration file.</param>
/// <param name="clock">The clock.</param>
/// <param name="counts">Counts the store.</param>
internal sealed class StatusReader(IIntelligenceEngine engine, string configurationPath, TimeProvider clock, IStoreCount counts) : IDisposable
{
    /// <summary>Runs that are shown.</summary>
    private const int RunsShown = 20;

    /// <summary>How many runs are looked through for the last good one: about ten days.</summary>
    private const int RunsToLookThrough = 1000;

    /// <summary>For so long an answer is given again.</summary>
    private static readonly TimeSpan _freshness = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1);
    private IntegrationStatus? _last;

    /// <summary>Reads it.</summary>
    /// <exception cref="PhishMeException">The configuration or the state cannot be read.</exception>
    public async Task<IntegrationStatus> ReadAsync(CancellationToken cancellationToken)
    {
        if (Fresh() is IntegrationStatus known)
        {
            return known;
        }

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return Fresh() ?? (_last = await ReadNowAsync(cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private IntegrationStatus? Fresh() => _last is IntegrationStatus last && IsWithin(last.TakenAt, _freshness) ? last : null;

    // A clock that was set back must not keep an answer for good.
    private bool IsWithin(DateTimeOffset at, TimeSpan length) => clock.GetUtcNow() - at is var age && age >= TimeSpan.Zero && age < length;

    private async Task<IntegrationStatus> ReadNowAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (store, isBeingCounted) = await counts.ReadAsync(cancellationToken).ConfigureAwait(false);
        var runs = engine.GetRuns(configurationPath, RunsShown);
        return new IntegrationStatus
        {
            TakenAt = now,
            ConfigurationPath = Path.GetFullPath(configurationPath),
            Runs = runs,
            LastSuccess = (runs.FirstOrDefault(RunFigures.IsGood)
                ?? (runs.Count < RunsShown ? null : engine.GetRuns(configurationPath, RunsToLookThrough).FirstOrDefault(RunFigures.IsGood)))?.EndedAt,
            Destinations = await engine.GetDestinationsAsync(configurationPath, cancellationToken).ConfigureAwait(false),
            DeadLetters = engine.GetDeadLetters(configurationPath),
            Store = store,
            IsBeingCounted = isBeingCounted,
        };
    }
}
