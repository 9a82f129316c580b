using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using PhishMe.Torture.Pushing;

namespace PhishMe.Torture.Kills;

/// <summary>Starts <c>phishme sync</c> as a process and sees to its death.</summary>
internal static class SyncProcess
{
    public static readonly string Runtime = Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>Runs to its end, or to the kill.</summary>
    /// <returns>The exit code, and whether it was killed.</returns>
    public static async Task<(int ExitCode, bool Killed)> RunAsync(TortureInstallation installation, KillPoint? point, CancellationToken cancellationToken, Func<int, HeldDelivery>? hold = null)
    {
        string[] fatal = point is { How: KillTrigger.Step } at ? [at.Step, at.Number.ToString(CultureInfo.InvariantCulture)] : [];
        using var gate = point is { How: KillTrigger.Request } held ? installation.Simulator.Hold("*", held.Number - 1) : null;
        using var delivery = point is { How: KillTrigger.Delivery } waited ? hold!(waited.Number) : null;
        using var process = Start([SelfKillingHost.Verb, installation.ConfigurationPath, .. fatal]);
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var ended = process.WaitForExitAsync(cancellationToken);
        var killed = false;
        if (point is { How: not KillTrigger.Step } outside)
        {
            var moment = gate is not null ? gate.Reached : delivery is not null ? delivery.Reached : Task.Delay(outside.Number, cancellationToken);
            if (await Task.WhenAny(moment, ended) == moment && !process.HasExited)
            {
                process.Kill();
                killed = true;
            }
        }

        await ended;
        var said = await output + await errors;
        lock (installation.Output)
        {
            installation.Output.AppendLine(said);
        }

        return (process.ExitCode, killed || (point is { How: KillTrigger.Step } && process.ExitCode is 137 or -1));
    }

    public static Process Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Runtime)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "PhishMe.Torture.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        return Process.Start(start) ?? throw new InvalidOperationException("The process does not start.");
    }
}
