using System.Diagnostics;

namespace PhishMe.Benchmarks;

/// <summary>Runs a program and measures it from outside.</summary>
internal static class MeasuredProcess
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>The host that runs this program, so that it works where dotnet is not on the path.</summary>
    public static ProcessStartInfo Dotnet() => new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true };

    /// <summary>The path of a program that came to lie beside this one.</summary>
    public static string Beside(string name) => Path.Combine(AppContext.BaseDirectory, name + ".dll");

    /// <param name="program">Path of a native program, or of the .dll of a managed one.</param>
    /// <param name="arguments">Its arguments.</param>
    public static ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo info;
        if (program.EndsWith(".dll", StringComparison.Ordinal))
        {
            info = Dotnet();
            info.ArgumentList.Add(program);
        }
        else
        {
            info = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        }

        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        return info;
    }

    /// <exception cref="InvalidOperationException">It ended with another exit code than 0.</exception>
    public static Task<Measured> RunAsync(string program, params string[] arguments) => RunAsync(program, input: null, exitCode: 0, arguments);

    /// <summary>The same for a run that is to end with an exit code of its own.</summary>
    public static Task<Measured> RunToAsync(int exitCode, string program, params string[] arguments) => RunAsync(program, input: null, exitCode, arguments);

    /// <summary>The same, with a file for standard input.</summary>
    public static Task<Measured> RunWithInputAsync(string program, string input, params string[] arguments) => RunAsync(program, input, exitCode: 0, arguments);

    private static async Task<Measured> RunAsync(string program, string? input, int exitCode, string[] arguments)
    {
        var start = Stopwatch.GetTimestamp();
        var info = StartInfo(program, arguments);
        info.RedirectStandardInput = input is not null;
        using var process = Process.Start(info)!;
        var fed = input is null ? Task.CompletedTask : FeedAsync(process, input);
        var output = process.StandardOutput.ReadToEndAsync();
        var exited = process.WaitForExitAsync();
        (long Peak, TimeSpan Cpu) seen = default;
        do
        {
            seen = Look(process, seen);
        }
        while (await Task.WhenAny(exited, Task.Delay(Interval)) != exited);
        await fed;
        var wall = Stopwatch.GetElapsedTime(start);
        return process.ExitCode == exitCode
            ? new Measured(wall, seen.Cpu, seen.Peak, await output)
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await output}");
    }

    private static async Task FeedAsync(Process process, string input)
    {
        await using var file = File.OpenRead(input);
        await file.CopyToAsync(process.StandardInput.BaseStream);
        process.StandardInput.Close();
    }

    /// <summary>The system keeps peak and sum itself until the process ends: what happened since the last look is all that is missed.</summary>
    private static (long Peak, TimeSpan Cpu) Look(Process process, (long Peak, TimeSpan Cpu) before)
    {
        try
        {
            process.Refresh();
            return (Math.Max(before.Peak, process.PeakWorkingSet64), process.TotalProcessorTime);
        }
        catch (InvalidOperationException)
        {
            return before; // It ended in between.
        }
    }
}
