using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary>The store that a command line means.</summary>
/// <param name="Configuration">The configuration file that names it.</param>
/// <param name="StateFile">A state file, which counts before the configuration; null when not given.</param>
/// <param name="Connection">A connection to a shared state, which counts before the configuration; null when not given.</param>
internal sealed record StorePlace(string Configuration, string? StateFile, string? Connection)
{
    /// <summary>Whether the configuration file names it.</summary>
    public bool IsConfiguration => StateFile is null && Connection is null;

    /// <summary>Opens it.</summary>
    /// <exception cref="PhishMeException">It cannot be opened, or two are given.</exception>
    public IIntelligenceStore Open(IIntelligenceEngine engine) => (StateFile, Connection) switch
    {
        (string, string) => throw new PhishMeException(Faults.ParameterConflict, "--store names a state file and --connection a shared state. Use only one of them."),
        (string file, null) => engine.OpenStore(file),
        (null, string shared) => engine.OpenSharedStore(shared),
        _ => engine.OpenConfiguredStore(Configuration),
    };
}
