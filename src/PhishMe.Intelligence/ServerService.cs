namespace PhishMe.Intelligence;

/// <summary>A service of the operating system that keeps phishme-server running.</summary>
public sealed record ServerService
{
    /// <summary>Name of the service or unit.</summary>
    public required string Name { get; init; }

    /// <summary>What keeps it running.</summary>
    public required ServerServiceKind Kind { get; init; }

    /// <summary>As whom it runs.</summary>
    public required ScheduleScope Scope { get; init; }

    /// <summary>Full path of the configuration file.</summary>
    public required string ConfigurationPath { get; init; }

    /// <summary>The command that is started.</summary>
    public required string Command { get; init; }

    /// <summary>Files that were written.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Whether the operating system knows it already.</summary>
    public bool Active { get; init; }

    /// <summary>What remains to be done by hand; null when nothing does.</summary>
    public string? NextStep { get; init; }
}
