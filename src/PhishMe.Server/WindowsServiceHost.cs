using System.Runtime.Versioning;
using System.ServiceProcess;

namespace PhishMe.Server;

/// <summary>The server as a Windows service: the service manager starts and stops it.</summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsServiceHost(Func<CancellationToken, Task<int>> serve) : ServiceBase
{
    private readonly CancellationTokenSource _stop = new();
    private Task<int> _serving = Task.FromResult(0);

    /// <summary>Serves until the service manager says stop.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(Func<CancellationToken, Task<int>> serve)
    {
        using var host = new WindowsServiceHost(serve);
        Run(host);
        return host.ExitCode;
    }

    protected override void OnStart(string[] args) => _serving = Task.Run(async () =>
    {
        var exitCode = await serve(_stop.Token);
        if (!_stop.IsCancellationRequested)
        {
            // It could not start, or ended by itself.
            ExitCode = exitCode;
            Stop();
        }

        return exitCode;
    });

    protected override void OnStop()
    {
        _stop.Cancel();
        if (ExitCode == 0)
        {
            _serving.Wait(TimeSpan.FromSeconds(10));
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
        }

        base.Dispose(disposing);
    }
}
