namespace PhishMe.Engine.Storage;

/// <summary>An index behind a network. What costs is the way there and back: many questions are asked together, and its keys are not read into memory.</summary>
internal interface IDistantIndex : IIndicatorIndex
{
    /// <summary>Finds out which of some keys are in the index, in one round trip.</summary>
    /// <param name="keys">The keys.</param>
    /// <returns>Those that are there.</returns>
    IReadOnlyCollection<long> FindPresent(IReadOnlyCollection<long> keys);
}
