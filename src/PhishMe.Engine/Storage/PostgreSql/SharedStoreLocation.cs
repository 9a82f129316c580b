namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>A store in a shared state.</summary>
internal sealed class SharedStoreLocation(SharedStateAddress address, TimeProvider clock) : IStoreLocation
{
    public string Name => address.Name;

    public bool IsShared => true;

    /// <summary>The server says at once whether it is there.</summary>
    public bool Exists => true;

    public IThreatStoreReader OpenReader() => SharedThreatReader.Open(address);

    public IServedReader OpenServed() => SharedServedReader.Open(address);

    public IThreatStoreRebuild BeginRebuild() => new SharedStoreRebuild(SharedStateStore.Open(address, clock, step: null));
}
