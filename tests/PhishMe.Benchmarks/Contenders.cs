namespace PhishMe.Benchmarks;

/// <summary>The forms of our run that are measured side by side: the program, native and managed, and the module in a fresh pwsh.</summary>
internal static class Contenders
{
    /// <summary>What runs a configuration, by its name in the tables; the program that the targets are for comes first.</summary>
    public static IReadOnlyList<(string Name, Func<string, Task<Measured>> Sync)> Of(IReadOnlyList<PhishMeProgram> programs, PowerShellProgram? shell)
    {
        var runners = programs.Select(program => (program.Name, (Func<string, Task<Measured>>)program.SyncAsync)).ToList();
        if (shell is not null)
        {
            runners.Add(("module", shell.SyncAsync));
        }

        return runners;
    }
}
