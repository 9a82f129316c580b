using PhishMe.Engine.Destinations;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Sessions;

/// <summary>
/// The store that a sync for a consumer fills. A state file may serve a run and a sync at the same time: each batch is one transaction of its own, and
/// nothing but the store is touched.
/// </summary>
internal sealed class SyncStore : IDisposable
{
    private readonly IStateStore _state;
    private readonly StoreKeeper _keeper;
    private readonly TimeProvider _clock;

    private SyncStore(IStateStore state, TimeProvider clock)
    {
        _state = state;
        _keeper = new StoreKeeper(state, retentionDays: null);
        _clock = clock;
    }

    /// <summary>Opens the state file; makes it when it is missing.</summary>
    /// <exception cref="PhishMeException">It cannot be used.</exception>
    public static SyncStore Open(IStateBackend states, string path, TimeProvider clock)
    {
        path = Path.GetFullPath(path);
        try
        {
            return new SyncStore(states.Open(StateLocation.OfFile(path)), clock);
        }
        catch (StateDamagedException exception)
        {
            throw Damaged(path, exception);
        }
    }

    /// <summary>Stores the threats of a batch and marks those withdrawn.</summary>
    /// <exception cref="PhishMeException">They cannot be stored; nothing of the batch is.</exception>
    public async Task PutAsync(Batch batch, CancellationToken cancellationToken)
    {
        if (batch.Threats.Count + batch.Withdrawn.Count == 0)
        {
            return;
        }

        try
        {
            using var transaction = await _state.BeginAsync(cancellationToken).ConfigureAwait(false);
            await _keeper.RecordAsync(transaction, batch, _clock.GetUtcNow()).ConfigureAwait(false);
            await transaction.CommitAsync().ConfigureAwait(false);
        }
        catch (StateDamagedException exception)
        {
            throw Damaged(_state.Path, exception);
        }
    }

    /// <summary>Threats that were withdrawn, as they were last known; those that were never stored are missing in the answer.</summary>
    public async Task<IReadOnlyDictionary<ThreatId, Threat>> GetWithdrawnAsync(IReadOnlyCollection<ThreatId> ids, CancellationToken cancellationToken)
    {
        try
        {
            var known = await _keeper.Archive.GetAsync(ids, cancellationToken).ConfigureAwait(false);
            return known.ToDictionary(pair => pair.Key, pair => ThreatReader.Read(pair.Value, withdrawn: true));
        }
        catch (StateDamagedException exception)
        {
            throw Damaged(_state.Path, exception);
        }
    }

    public void Dispose() => _state.Dispose();

    private static PhishMeException Damaged(string path, StateDamagedException exception) =>
        new(Faults.StoreDamaged, $"The state file is damaged: {exception.InnerException?.Message}", path, exception);
}
