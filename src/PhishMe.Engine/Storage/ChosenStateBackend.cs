using PhishMe.Engine.Storage.Copying;

namespace PhishMe.Engine.Storage;

/// <summary>A file of this host, or a database that hosts share: each location says which. What is not asked for is not loaded.</summary>
/// <param name="files">Keeps the state in a file.</param>
/// <param name="databases">Makes what keeps the state in a database.</param>
internal sealed class ChosenStateBackend(IStateBackend files, Func<IStateBackend> databases) : IStateBackend
{
    public bool Exists(StateLocation location) => For(location).Exists(location);

    public IStateStore Open(StateLocation location, Action<string>? step = null) => For(location).Open(location, step);

    public IStateStore OpenReadOnly(StateLocation location) => For(location).OpenReadOnly(location);

    public IStateStore OpenCopy(StateLocation location) => For(location).OpenCopy(location);

    public void SetAside(StateLocation location, string aside) => For(location).SetAside(location, aside);

    public ICopySource OpenCopySource(StateLocation location) => For(location).OpenCopySource(location);

    public ICopyTarget OpenCopyTarget(StateLocation location) => For(location).OpenCopyTarget(location);

    public IStoreLocation StoreAt(StateLocation location) => For(location).StoreAt(location);

    public StateServerReport? Inspect(StateLocation location) => For(location).Inspect(location);

    private IStateBackend For(StateLocation location) => location.Shared is null ? files : databases();
}
