using System.ComponentModel;
using System.Diagnostics;

namespace PhishMe.PowerShell.Scheduling;

/// <summary>Programs of the operating system that control its scheduler.</summary>
internal static class SystemProgram
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>The Task Scheduler's own program, from the folder of the system and from nowhere else: no file of that name in the current folder or in PATH is run.</summary>
    public static string TaskScheduler => Path.Combine(Environment.SystemDirectory, "schtasks.exe");

    /// <summary>Whether there is such a program.</summary>
    public static bool Exists(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)));

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Why it failed, in its own words; null when it did not.</returns>
    public static string? Run(string name, params ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo(name) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Limit))
            {
                process.Kill(entireProcessTree: true);
                return $"{name} did not finish in time.";
            }

            return process.ExitCode == 0 ? null : $"{error.GetAwaiter().GetResult()} {output.GetAwaiter().GetResult()}".Trim();
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or InvalidOperationException)
        {
            return exception.Message;
        }
    }
}
