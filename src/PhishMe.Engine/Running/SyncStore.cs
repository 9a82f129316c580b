using PhishMe.Engine.Destinations;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>
/// The store that a sync for a consumer fills. A state file may serve a run and a sync at the same time: each batch is one transaction of its own, and
/// nothing but the store is touched.
/// </summary>
internal sealed class SyncStore : IDisposable
{
    private readonly StateStore _state;
    private readonly ThreatStoring _storing;
    private readonly TimeProvider _clock;

    private SyncStore(StateStore state, TimeProvider clock)
    {
        _state = state;
        _storing = new ThreatStoring(state, state.OpenArchive(), retentionDays: null);
        _clock = clock;
    }

    /// <summary>Opens the state file; makes it when it is missing.</summary>
    /// <exception cref="PhishMeException">It cannot be used.</exception>
    public static SyncStore Open(string path, TimeProvider clock)
    {
        path = Path.GetFullPath(path);
        return Guarded(path, () =>
        {
            var state = StateStore.Open(path);
            try
            {
                return new SyncStore(state, clock);
            }
            catch
            {
                state.Dispose();
                throw;
            }
        });
    }

    /// <summary>Stores the threats of a batch and marks those withdrawn.</summary>
    /// <exception cref="PhishMeException">They cannot be stored; nothing of the batch is.</exception>
    public void Put(Batch batch) => Guarded(_state.Path, () =>
    {
        if (batch.Threats.Count + batch.Withdrawn.Count > 0)
        {
            using var transaction = _state.Begin();
            _storing.Record(batch, _clock.GetUtcNow());
            transaction.Commit();
        }

        return 0;
    });

    /// <summary>A threat that was taken back, as it was last known; with its id alone when it was never stored.</summary>
    public Threat Withdrawn(ThreatId id) => Guarded(_state.Path, () =>
        _storing.LastKnown(id) is byte[] json ? ThreatReader.Read(json, withdrawn: true) : new Threat { Id = id, Withdrawn = true });

    public void Dispose() => _state.Dispose();

    private static T Guarded<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (StateDamagedException exception)
        {
            throw new PhishMeException(Faults.StoreDamaged, $"The state file is damaged: {exception.InnerException?.Message}", path, exception);
        }
    }
}
