using System.Globalization;
using Serilog.Core;
using Serilog.Events;

namespace PhishMe.Engine.Running.Logging;

/// <summary>
/// Hands errors and the end of a run to the log of the system, because that is where operations look: the Windows event log, or the socket that
/// journald and syslog daemons listen at. That the system does not take a message is no failure of the run.
/// </summary>
internal sealed class SystemLogSink(ISystemLog log, SecretMask mask) : ILogEventSink
{
    /// <summary>A property that marks what goes there although it is not an error.</summary>
    public const string Marker = "SystemLog";

    public void Emit(LogEvent logEvent)
    {
        if (logEvent.Level < LogEventLevel.Error && !logEvent.Properties.ContainsKey(Marker))
        {
            return;
        }

        var text = mask.Hide(logEvent.RenderMessage(CultureInfo.InvariantCulture));
        try
        {
            log.Write(logEvent.Level, text);
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // The log file has it.
        }
    }
}
