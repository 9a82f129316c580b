using System.Net.Sockets;
using System.Text;
using PhishMe.Engine.Running.Logging;
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
