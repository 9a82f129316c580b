using System.Diagnostics;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>A run of <c>phishme</c> in a process of its own, for what belongs to a process: its environment.</summary>
internal static class ChildRun
{
    /// <returns>The exit code.</returns>
    public static async Task<int> SyncAsync(Installation installation, params (string Name, string Value)[] environment)
    {
        var start = PhishMeProcess.Managed.StartInfo("sync", "-conf", installation.ConfigurationPath);
        foreach ((var name, var value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(await output + await error);
        return process.ExitCode;
    }
}
