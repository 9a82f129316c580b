using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Tests.Network;

namespace PhishMe.Engine.Tests.Destinations.Syslog;

/// <summary>A real syslog daemon as a process of its own: own folder, own configuration, a free port on loopback, raw messages to one file.</summary>
internal abstract class Receiver : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly StringBuilder _chatter = new();
    private Process? _process;

    protected Receiver(SyslogEndpoint endpoint, TestCertificates? certificates)
    {
        Folder = Directory.CreateTempSubdirectory("syslog-receiver-").FullName;
        Certificates = certificates;
        Address = IPAddress.Parse(endpoint.Host);
        Endpoint = endpoint with { Port = FreePort(Address, endpoint.Transport == SyslogTransport.Udp) };
    }

    /// <summary>Where it listens.</summary>
    public SyslogEndpoint Endpoint { get; }

    protected string Folder { get; }

    protected IPAddress Address { get; }

    protected TestCertificates? Certificates { get; }

    protected string Output => Path.Combine(Folder, "received");

    protected string ConfigurationFile => Path.Combine(Folder, "receiver.conf");

    /// <summary>Starts rsyslog or syslog-ng, or skips the test where it is not installed.</summary>
    public static async Task<Receiver> StartAsync(string daemon, SyslogEndpoint endpoint, TestCertificates? certificates = null)
    {
        // A port that was free a moment ago may be taken by now: another one then.
        for (var attempt = 1; ; attempt++)
        {
            Receiver receiver = daemon == "rsyslog" ? new RsyslogReceiver(endpoint, certificates) : new SyslogNgReceiver(endpoint, certificates);
            try
            {
                await receiver.StartAsync();
                return receiver;
            }
            catch (Exception failed)
            {
                await receiver.DisposeAsync();
                if (failed is not InvalidOperationException || attempt == 3)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>A port nobody listens on.</summary>
    public static int FreePort(IPAddress address, bool datagram)
    {
        using var socket = new Socket(
            address.AddressFamily, datagram ? SocketType.Dgram : SocketType.Stream, datagram ? ProtocolType.Udp : ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, 0));
        }
        catch (SocketException) when (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            Assert.Skip("skipped: no IPv6 on loopback");
        }

        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Finds a program where Debian puts it.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(["/usr/sbin", "/usr/local/sbin"])
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    /// <summary>Starts the daemon, again after a stop, and waits until it listens.</summary>
    public async Task StartAsync()
    {
        await File.WriteAllTextAsync(ConfigurationFile, Configuration());
        var start = Program();
        start.RedirectStandardError = start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await UntilAsync(() => Listens() || _process.HasExited, () => "It does not listen.");
        if (!Listens())
        {
            throw new InvalidOperationException($"The receiver ended: {_chatter}");
        }
    }

    /// <summary>Stops the daemon as an init system does.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
        {
            return;
        }

        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }

        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
        _process = null;
    }

    /// <summary>What has been received so far: one message per line, as bytes.</summary>
    public List<byte[]> Lines()
    {
        if (!File.Exists(Output))
        {
            return [];
        }

        using var file = new FileStream(Output, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var lines = new List<byte[]>();
        for (int start = 0, end; (end = Array.IndexOf(bytes, (byte)'\n', start)) >= 0; start = end + 1)
        {
            lines.Add(bytes[start..end]);
        }

        return lines;
    }

    /// <summary>Waits until this many messages have arrived.</summary>
    public async Task<List<byte[]>> WaitForAsync(int count)
    {
        var lines = Lines();
        await UntilAsync(() => (lines = Lines()).Count >= count, () => $"{lines.Count} of {count} messages arrived.");
        return lines;
    }

    /// <summary>Waits until this message has arrived.</summary>
    public async Task<List<byte[]>> WaitForAsync(byte[] last)
    {
        var lines = Lines();
        await UntilAsync(() => (lines = Lines()).Any(line => line.AsSpan().SequenceEqual(last)), () => "The last message did not arrive.");
        return lines;
    }

    /// <summary>Waits until the output has grown to this size (bytes).</summary>
    public Task WaitForSizeAsync(long size) => UntilAsync(() => File.Exists(Output) && new FileInfo(Output).Length >= size, () => "Too few bytes arrived.");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The command that runs it in the foreground.</summary>
    protected abstract ProcessStartInfo Program();

    /// <summary>The configuration file.</summary>
    protected abstract string Configuration();

    private void Note(string? line)
    {
        lock (_chatter)
        {
            _chatter.AppendLine(line);
        }
    }

    private bool Listens()
    {
        var system = IPGlobalProperties.GetIPGlobalProperties();
        var listeners = Endpoint.Transport == SyslogTransport.Udp ? system.GetActiveUdpListeners() : system.GetActiveTcpListeners();
        return listeners.Any(listener => listener.Port == Endpoint.Port);
    }

    private async Task UntilAsync(Func<bool> condition, Func<string> otherwise)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(begun) > Patience)
            {
                Assert.Fail($"{otherwise()} {_chatter}");
            }

            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
