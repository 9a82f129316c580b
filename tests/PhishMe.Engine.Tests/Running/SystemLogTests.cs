using System.Net.Sockets;
using System.Text;
using PhishMe.Engine.Running.Logging;
using PhishMe.Simulator;
using Serilog;
using Serilog.Events;

namespace PhishMe.Engine.Tests.Running;

/// <summary>What operations see in the log of the system.</summary>
public sealed class SystemLogTests
{
    [Fact]
    public void Errors_and_what_is_marked_go_there_and_nothing_else()
    {
        var seen = new Seen();
        using var log = new LoggerConfiguration().MinimumLevel.Debug().WriteTo.Sink(new SystemLogSink(seen, SecretMask.None)).CreateLogger();

        log.Information("m_1");
        log.Warning("set aside");
        log.Error("an output failed");
        log.ForContext(SystemLogSink.Marker, true).Information("Run ends with {ExitCode}", 14);

        Assert.Equal([(LogEventLevel.Error, "an output failed"), (LogEventLevel.Information, "Run ends with 14")], seen.Messages);
    }

    [Fact]
    [NotOnWindows("There the event log takes them.")]
    public async Task A_daemon_gets_datagrams_as_syslog_writes_them()
    {
        var folder = Directory.CreateTempSubdirectory("phishme-test-");
        try
        {
            var path = Path.Combine(folder.FullName, "log");
            using var daemon = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            daemon.Bind(new UnixDomainSocketEndPoint(path));

            new SyslogSocket(path).Write(LogEventLevel.Error, "first\nsecond ü");

            var received = new byte[1024];
            var length = await daemon.ReceiveAsync(received, TestContext.Current.CancellationToken);
            Assert.Equal($"<27>phishme[{Environment.ProcessId}]: first second ü", Encoding.UTF8.GetString(received, 0, length));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    [NotOnWindows("There the event log takes them.")]
    public async Task A_run_that_asks_for_it_sends_its_errors_and_its_end_to_the_daemon_of_the_host()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, TestContext.Current.CancellationToken);
        using var installation = new Installation(simulator).WithOutput("json").Save();
        var path = Path.Combine(Path.GetDirectoryName(installation.ConfigurationPath)!, "host.log");
        using var daemon = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        daemon.Bind(new UnixDomainSocketEndPoint(path));

        await installation.RunAsync(hostLog: () => new SyslogSocket(path));
        Assert.Empty(Received());

        installation.Set("local_log", "event_log", "True").Save();
        await installation.RunAsync(hostLog: () => new SyslogSocket(path));
        Assert.StartsWith($"<30>phishme[{Environment.ProcessId}]: Run ends with 0: ", Assert.Single(Received()), StringComparison.Ordinal);

        installation.Set("pm_api", "pass", new string('x', 32)).Save();
        await installation.RunAsync(hostLog: () => new SyslogSocket(path));
        Assert.Collection(
            Received(),
            error => Assert.StartsWith($"<27>phishme[{Environment.ProcessId}]: ", error, StringComparison.Ordinal),
            end => Assert.StartsWith($"<30>phishme[{Environment.ProcessId}]: Run ends with 12: ", end, StringComparison.Ordinal));

        List<string> Received()
        {
            var messages = new List<string>();
            var buffer = new byte[16 * 1024];
            while (daemon.Available > 0)
            {
                messages.Add(Encoding.UTF8.GetString(buffer, 0, daemon.Receive(buffer)));
            }

            return messages;
        }
    }

    [Fact]
    [NotOnWindows("There the event log takes them.")]
    public void No_daemon_is_no_failure()
    {
        using var log = new LoggerConfiguration().WriteTo.Sink(new SystemLogSink(new SyslogSocket("/nowhere/log"), SecretMask.None)).CreateLogger();

        log.Error("no one hears this");
    }

    private sealed class Seen : ISystemLog
    {
        public List<(LogEventLevel Level, string Text)> Messages { get; } = [];

        public void Write(LogEventLevel level, string text) => Messages.Add((level, text));
    }
}
