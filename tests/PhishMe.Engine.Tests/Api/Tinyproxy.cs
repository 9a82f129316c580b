using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PhishMe.Engine.Tests.Destinations.Syslog;

namespace PhishMe.Engine.Tests.Api;

/// <summary>A real proxy as a process of its own on loopback.</summary>
internal sealed class Tinyproxy : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("phishme-proxy-").FullName;
    private readonly string? _credentials;
    private Process? _process;

    private Tinyproxy(string? credentials) => _credentials = credentials;

    public int Port { get; private set; }

    public string Uri => FormattableString.Invariant($"http://127.0.0.1:{Port}");

    /// <summary>What it was asked, as its log says.</summary>
    public string Log
    {
        get
        {
            using var file = new StreamReader(new FileStream(LogFile, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite));
            return file.ReadToEnd();
        }
    }

    private string LogFile => Path.Combine(_folder, "log");

    /// <summary>Starts one, or skips the test where it is not installed.</summary>
    /// <param name="credentials">User and password as tinyproxy wants them, with a blank between; null for none.</param>
    public static async Task<Tinyproxy> StartAsync(string? credentials = null)
    {
        var proxy = new Tinyproxy(credentials);
        try
        {
            await proxy.StartAgainAsync();
            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, and again after <see cref="KillAsync"/> on the same port.</summary>
    public async Task StartAgainAsync()
    {
        var program = Receiver.Find("tinyproxy");
        Assert.SkipWhen(program is null, "skipped: tinyproxy not installed");
        for (var attempt = 1; ; attempt++)
        {
            Port = Port != 0 && attempt == 1 ? Port : Receiver.FreePort(IPAddress.Loopback, datagram: false);
            var configuration = Path.Combine(_folder, "tinyproxy.conf");
            await File.WriteAllTextAsync(
                configuration,
                FormattableString.Invariant($"Port {Port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nLogLevel Connect\nLogFile \"{LogFile}\"\n")
                + (_credentials is null ? string.Empty : $"BasicAuth {_credentials}\n"));
            _process = Process.Start(new ProcessStartInfo(program!, ["-d", "-c", configuration]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var chatter = _process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            _ = _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            while (!_process.HasExited && !await ListensAsync())
            {
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }

            if (!_process.HasExited)
            {
                return;
            }

            Assert.True(attempt < 3, await chatter);
        }
    }

    public async Task KillAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> ListensAsync()
    {
        try
        {
            using var probe = new TcpClient();
            await probe.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
