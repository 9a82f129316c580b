namespace PhishMe.Intelligence;

/// <summary>What to copy a state from and to: the state file of a configuration and a database that hosts share.</summary>
public sealed record StateCopyRequest
{
    /// <summary>Path of the configuration file. It names the state file, the lock, this host and its destinations.</summary>
    public required string ConfigurationPath { get; init; }

    /// <summary>Whether the state file is copied to the shared state; otherwise the shared state is copied to the state file.</summary>
    public required bool ToShared { get; init; }

    /// <summary>
    /// The connection to the shared state, or <c>env:NAME</c>, <c>file:PATH</c> or <c>secret:NAME</c>, which has it; null for that of [state] in the configuration.
    /// </summary>
    public string? Connection { get; init; }
}
