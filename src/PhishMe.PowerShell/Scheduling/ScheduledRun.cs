namespace PhishMe.PowerShell.Scheduling;

/// <summary>The command that a scheduler starts, and how often.</summary>
/// <remarks>
/// The exit code is asked for by hand: pwsh ends with 0 or 1 otherwise, whatever the run came to. Import-Module stops on failure, because without the
/// module nothing would be emitted, and an empty exit code is 0.
/// </remarks>
internal sealed record ScheduledRun
{
    /// <summary>Name of the task or units.</summary>
    public required string Name { get; init; }

    /// <summary>Full path of pwsh or phishme, or of the dotnet that runs pwsh.dll.</summary>
    public required string Program { get; init; }

    /// <summary>What stands before all other arguments: what dotnet needs to run pwsh.dll; empty when the program is pwsh or phishme.</summary>
    public IReadOnlyList<string> ProgramArguments { get; init; } = [];

    /// <summary>The module: its name where the session finds it by name, else the path of its manifest. Null when phishme runs instead of pwsh.</summary>
    public string? Module { get; init; }

    /// <summary>Full path of the configuration file.</summary>
    public required string ConfigurationPath { get; init; }

    /// <summary>Minutes from one start to the next.</summary>
    public required int IntervalMinutes { get; init; }

    /// <summary>Minutes after which the scheduler ends a run.</summary>
    public required int LimitMinutes { get; init; }

    /// <summary>What stands behind the program, word by word and without quotes.</summary>
    public IReadOnlyList<string> Arguments => Module is null
        ? ["sync", "-conf", ConfigurationPath]
        : [.. ProgramArguments, "-NoProfile", "-NonInteractive", "-Command", Script(Module)];

    /// <summary>Arguments with which the program shows its version, and proves that it runs.</summary>
    public IReadOnlyList<string> VersionArguments => Module is null ? ["--version"] : [.. ProgramArguments, "-Version"];

    /// <summary>The command for people and for the Task Scheduler.</summary>
    public string CommandLine => $"{(Program.Contains(' ', StringComparison.Ordinal) ? $"\"{Program}\"" : Program)} {ArgumentLine}";

    /// <summary>The arguments in one line. A double quote cannot stand in a Windows path, so none has to be escaped.</summary>
    public string ArgumentLine => string.Join(' ', Arguments.Select((word, i) => NeedsQuotes(i) ? $"\"{word}\"" : word));

    /// <summary>Whether a word of the arguments is put into quotes: the last one always, the others where they hold more than letters, digits and <c>-_./</c>.</summary>
    /// <param name="index">Its place in <see cref="Arguments"/>.</param>
    public bool NeedsQuotes(int index) =>
        index == Arguments.Count - 1 || Arguments[index].Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or '/'));

    private string Script(string module) =>
        $"Import-Module {Literal(module)} -ErrorAction Stop; exit [int](Invoke-PhishMeIntegration -ConfigPath {Literal(ConfigurationPath)}).ExitCode";

    // PowerShell takes the typographic quotes for quotes, too.
    private static string Literal(string text) =>
        "'" + string.Concat(text.Select(c => c is '\'' or '\u2018' or '\u2019' or '\u201A' or '\u201B' ? new string(c, 2) : c.ToString())) + "'";
}
