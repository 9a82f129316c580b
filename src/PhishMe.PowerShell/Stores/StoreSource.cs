using PhishMe.Intelligence;

namespace PhishMe.PowerShell;

/// <summary>Where the local store is: in a state file, or in the one that a configuration file names.</summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="IsConfiguration">Whether it is a configuration file.</param>
internal sealed record StoreSource(string Path, bool IsConfiguration)
{
    /// <summary>Opens the store.</summary>
    /// <param name="engine">The engine.</param>
    /// <returns>The store; dispose it.</returns>
    /// <exception cref="PhishMeException">It cannot be opened.</exception>
    public IIntelligenceStore Open(IIntelligenceEngine engine) => IsConfiguration ? engine.OpenConfiguredStore(Path) : engine.OpenStore(Path);
}
