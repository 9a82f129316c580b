using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace PhishMe.PowerShell.Scheduling;

/// <summary>Programs of the operating system that control its scheduler.</summary>
internal static class SystemProgram
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>The Task Scheduler's own program, from the folder of the system and from nowhere else: no file of that name in the current folder or in PATH is run.</summary>
    public static string TaskScheduler => Path.Combine(Environment.SystemDirectory, "schtasks.exe");

    /// <summary>The program that makes services, from the folder of the system, too.</summary>
    public static string ServiceControl => Path.Combine(Environment.SystemDirectory, "sc.exe");

    /// <summary>Whether there is such a program.</summary>
    public static bool Exists(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)));

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Why it failed, in its own words; null when it did not.</returns>
    public static string? Run(string name, params IEnumerable<string> arguments) => Run(StartOf(name, arguments));

    /// <summary>Runs a program to its end without the variables of this session that name a .NET: a scheduler does not have them.</summary>
    /// <returns>Why it failed; null when it did not.</returns>
    public static string? RunAsScheduled(string name, IEnumerable<string> arguments)
    {
        var start = StartOf(name, arguments);
        foreach (var variable in start.Environment.Keys.Where(key => key.StartsWith("DOTNET_ROOT", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(variable);
        }

        return Run(start);
    }

    private static ProcessStartInfo StartOf(string name, IEnumerable<string> arguments) =>
        new(name, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };

    private static string? Run(ProcessStartInfo start)
    {
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Limit))
            {
                process.Kill(entireProcessTree: true);
                return $"{start.FileName} did not end within {Limit.TotalSeconds} seconds";
            }

            return process.ExitCode == 0 ? null : Words($"{error.GetAwaiter().GetResult()} {output.GetAwaiter().GetResult()}", process.ExitCode);
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or InvalidOperationException)
        {
            return exception.Message;
        }
    }

    private static string Words(string text, int exitCode) =>
        text.AsSpan().Trim().IsEmpty ? string.Create(CultureInfo.InvariantCulture, $"exit code {exitCode}") : text.Trim();
}
