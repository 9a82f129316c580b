using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>A destination that is made again from the store when something changed.</summary>
internal interface IRebuiltDestination
{
    /// <summary>Whether all of it is where it belongs; otherwise it is rebuilt although nothing changed.</summary>
    bool IsInPlace => true;

    /// <summary>What can be asked of its target without writing anything; nothing where it is files alone.</summary>
    IAsyncEnumerable<CheckResult> CheckAsync(CancellationToken cancellationToken) => AsyncEnumerable.Empty<CheckResult>();

    /// <summary>
    /// Makes it from a complete read of the store and replaces what was there at once: when it throws or is stopped, the old one stays. Files whose bytes
    /// would be the same are not touched.
    /// </summary>
    /// <exception cref="PhishMeException">The store cannot be read, or a file cannot be written.</exception>
    Task<RebuildResult> RebuildAsync(IStoredThreats threats, CancellationToken cancellationToken);
}
