namespace PhishMe.Intelligence;

/// <summary>What the shell asks of a config.ini-driven run.</summary>
public sealed record RunRequest
{
    /// <summary>Path of the configuration file.</summary>
    public required string ConfigurationPath { get; init; }

    /// <summary>Read, say what would be written, change nothing.</summary>
    public bool DryRun { get; init; }
}
