using System.Diagnostics;

namespace PhishMe.Engine.Tests.Running;

/// <summary>A run of <c>phishme</c> in a process of its own, for what belongs to a process: its environment.</summary>
internal static class ChildRun
{
    /// <returns>The exit code.</returns>
    public static async Task<int> SyncAsync(Installation installation, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = PhishMeProcess.Managed.StartInfo("sync", "-conf", installation.ConfigurationPath);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(await output + await error);
        return process.ExitCode;
    }
}
