using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving;

/// <summary>Counts the store. Of millions of indicators that takes seconds.</summary>
internal interface IStoreCount
{
    /// <summary>What the store holds.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The count; null without a store, or when it is being counted and there is nothing to show yet.</returns>
    /// <exception cref="PhishMeException">The store cannot be read.</exception>
    Task<(StoreStatistics? Store, bool IsBeingCounted)> ReadAsync(CancellationToken cancellationToken);
}
