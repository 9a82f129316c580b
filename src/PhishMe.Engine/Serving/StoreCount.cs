using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving;

/// <summary>Counts the store when it is asked.</summary>
/// <param name="engine">The engine.</param>
/// <param name="configurationPath">Path of the configuration file.</param>
internal sealed class StoreCount(IIntelligenceEngine engine, string configurationPath) : IStoreCount
{
    /// <summary>Counts it on this thread.</summary>
    /// <returns>Null without a store.</returns>
    /// <exception cref="PhishMeException">The store cannot be read.</exception>
    public StoreStatistics? Read()
    {
        try
        {
            using var store = engine.OpenConfiguredStore(configurationPath);
            return store.GetStatistics();
        }
        catch (PhishMeException exception) when (exception.Fault.Kind == Faults.StoreNotFound)
        {
            return null;
        }
    }

    public Task<(StoreStatistics? Store, bool IsBeingCounted)> ReadAsync(CancellationToken cancellationToken) =>
        Task.FromResult<(StoreStatistics?, bool)>((Read(), false));
}
