using System.Globalization;
using System.Runtime.InteropServices;
using PhishMe.Cli;
using PhishMe.Engine.Running;

namespace PhishMe.Torture.Kills;

/// <summary><c>phishme sync</c> in a process of its own that dies by SIGKILL when a named step comes for the n-th time: no finally, no flush, no goodbye.</summary>
internal static partial class SelfKillingHost
{
    public const string Verb = "host";

    /// <summary>As the last argument: the run is stopped instead of killed, and continues on SIGCONT.</summary>
    public const string Pause = "pause";

    private const int Killed = 9;
    private const int Stopped = 19;

    /// <summary>Copies the state instead.</summary>
    public const string CopyVerb = "copy-host";

    /// <param name="args">The configuration file; then, to be killed, the step and its number; then, to be stopped instead, <see cref="Pause"/>.</param>
    public static Task<int> RunAsync(string[] args) => RunAsync(args, ["sync", "-conf", args[0], "--json"]);

    /// <param name="args">The configuration file, the step and its number; then the arguments of the copy.</param>
    public static Task<int> CopyAsync(string[] args) => RunAsync(args[..3], ["state", "copy", "-conf", args[0], .. args[3..]]);

    private static async Task<int> RunAsync(string[] args, string[] command)
    {
        Action<string>? step = null;
        if (args.Length > 1)
        {
            var fatal = args[1];
            var left = int.Parse(args[2], CultureInfo.InvariantCulture);
            step = name =>
            {
                if ((fatal == KillPoint.AnyStep || name == fatal) && Interlocked.Decrement(ref left) == 0)
                {
                    if (args[^1] == Pause)
                    {
                        _ = Kill(Environment.ProcessId, Stopped);
                    }
                    else
                    {
                        Die();
                    }
                }
            };
        }

        var engine = new IntelligenceEngine(new EngineSettings { Version = "1.0.0", Step = step, Timings = TortureInstallation.ImpatientTimings });
        return await PhishMeCommand.RunAsync(command, engine, Console.Out, Console.Error);
    }

    private static void Die()
    {
        if (OperatingSystem.IsWindows())
        {
            System.Diagnostics.Process.GetCurrentProcess().Kill();
        }
        else
        {
            _ = Kill(Environment.ProcessId, Killed);
        }

        // The signal is on its way to every thread; this one does nothing more.
        Thread.Sleep(Timeout.Infinite);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
