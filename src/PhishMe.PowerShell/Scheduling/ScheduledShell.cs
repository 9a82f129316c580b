using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Scheduling;

/// <summary>The pwsh that a scheduler can start: the program of this session, which is not always one in PSHOME.</summary>
/// <param name="Program">Full path of pwsh, or of the dotnet that runs pwsh.dll.</param>
/// <param name="Arguments">What dotnet needs to run pwsh.dll; empty for pwsh.</param>
internal sealed record ScheduledShell(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>Finds it.</summary>
    /// <param name="home">PSHOME of the session.</param>
    /// <param name="process">Full path of the program of this process; null when the system does not know it.</param>
    /// <exception cref="PhishMeException">PSHOME has nothing that can be started, as in a program that hosts PowerShell.</exception>
    public static ScheduledShell Of(string home, string? process)
    {
        var assembly = Path.Combine(home, "pwsh.dll");
        if (process is not null && Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase) && File.Exists(assembly))
        {
            // PowerShell as a .NET tool, or restored as a package: its pwsh finds a .NET only where that is installed for the whole machine.
            return new ScheduledShell(process, ["exec", assembly]);
        }

        var program = Path.Combine(home, OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh");
        return File.Exists(program)
            ? new ScheduledShell(program, [])
            : throw new PhishMeException(
                Faults.ScheduleRefused, "This session runs inside another program, so there is no pwsh to schedule. Run the command in pwsh, or name phishme with -ProgramPath.", program);
    }
}
