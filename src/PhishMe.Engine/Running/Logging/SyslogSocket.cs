using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Serilog.Events;

namespace PhishMe.Engine.Running.Logging;

/// <summary>The datagram socket of journald or a syslog daemon on this host; messages as syslog(3) writes them.</summary>
/// <param name="path">The socket.</param>
internal sealed class SyslogSocket(string path) : ISystemLog
{
    private const int Daemon = 3 * 8;

    /// <summary>What a daemon takes without cutting; longer messages are cut here.</summary>
    private const int LongestMessage = 8 * 1024;

    /// <summary>The usual place.</summary>
    public static string UsualPath => OperatingSystem.IsMacOS() ? "/var/run/syslog" : "/dev/log";

    public void Write(LogEventLevel level, string text)
    {
        var severity = level switch
        {
            LogEventLevel.Fatal => 2,
            LogEventLevel.Error => 3,
            LogEventLevel.Warning => 4,
            _ => 6,
        };
        var line = text.ReplaceLineEndings(" ");
        var message = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<{Daemon + severity}>phishme[{Environment.ProcessId}]: {line}"));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.SendTo(message.AsSpan(0, Math.Min(message.Length, LongestMessage)), new UnixDomainSocketEndPoint(path));
    }
}
