using System.Diagnostics;

namespace PhishMe.Engine.Tests.Running;

/// <summary>A run of <c>phishme</c> in a process of its own, for what belongs to a process: its environment.</summary>
internal static class ChildRun
{
    /// <returns>The exit code.</returns>
    public static async Task<int> SyncAsync(Installation installation, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "phishme.dll"), "sync", "-conf", installation.ConfigurationPath])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(await output + await error);
        return process.ExitCode;
    }
}
