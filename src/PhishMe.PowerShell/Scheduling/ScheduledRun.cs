namespace PhishMe.PowerShell.Scheduling;

/// <summary>The command that a scheduler starts, and how often.</summary>
/// <remarks>
/// The exit code is asked for by hand: pwsh ends with 0 or 1 otherwise, whatever the run came to. Import-Module stops on failure, because without the
/// module nothing would be emitted and nothing is 0.
/// </remarks>
internal sealed record ScheduledRun
{
    /// <summary>Name of the task or units.</summary>
    public required string Name { get; init; }

    /// <summary>Full path of pwsh.</summary>
    public required string Shell { get; init; }

    /// <summary>The module: its name where the session finds it by name, else the path of its manifest.</summary>
    public required string Module { get; init; }

    /// <summary>Full path of the configuration file.</summary>
    public required string ConfigurationPath { get; init; }

    /// <summary>Minutes from one start to the next.</summary>
    public required int IntervalMinutes { get; init; }

    /// <summary>Minutes after which the scheduler ends a run.</summary>
    public required int LimitMinutes { get; init; }

    /// <summary>What is said to pwsh before the script.</summary>
    public static IReadOnlyList<string> Options { get; } = ["-NoProfile", "-NonInteractive", "-Command"];

    /// <summary>The script.</summary>
    public string Script =>
        $"Import-Module {Literal(Module)} -ErrorAction Stop; exit [int](Invoke-PhishMeIntegration -ConfigPath {Literal(ConfigurationPath)}).ExitCode";

    // PowerShell takes the typographic quotes for quotes, too.
    private static string Literal(string text) =>
        "'" + string.Concat(text.Select(c => c is '\'' or '\u2018' or '\u2019' or '\u201A' or '\u201B' ? new string(c, 2) : c.ToString())) + "'";
}
