using PhishMe.Engine.Storage.Copying;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The state in a PostgreSQL database that hosts share. Opened to be changed, it is leased to one run over all hosts.</summary>
internal sealed class PostgreSqlStateBackend(TimeProvider clock) : IStateBackend
{
    public bool Exists(StateLocation location)
    {
        using var session = PostgreSqlSession.Open(location.Shared!, writes: false);
        return session.Run(() => SharedSchema.VersionOf(session)) > 0;
    }

    public IStateStore Open(StateLocation location, Action<string>? step = null) => SharedStateStore.Open(location.Shared!, clock, step);

    public IStateStore OpenReadOnly(StateLocation location) => SharedStateStore.OpenReadOnly(location.Shared!);

    public IStateStore OpenCopy(StateLocation location) => SharedStateStore.OpenCopy(location.Shared!);

    public void SetAside(StateLocation location, string aside) =>
        throw new PhishMeException(Faults.StateServerFailing, "The shared state is damaged. Restore it from a backup.", location.Name);

    public ICopySource OpenCopySource(StateLocation location) => Exists(location)
        ? new SharedCopySide(SharedStateStore.Open(location.Shared!, clock, step: null))
        : throw new PhishMeException(Faults.StateNotFound, "There is no shared state to copy in this database.", location.Name);

    public ICopyTarget OpenCopyTarget(StateLocation location) => new SharedCopyTarget(SharedStateStore.Open(location.Shared!, clock, step: null, ofCopy: true));

    public IStoreLocation StoreAt(StateLocation location) => new SharedStoreLocation(location.Shared!, clock);

    public StateServerReport? Inspect(StateLocation location) => new SharedStateInspection(clock).Run(location.Shared!);
}
