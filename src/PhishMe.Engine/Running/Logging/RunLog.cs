using PhishMe.Engine.Configuration;
using PhishMe.Engine.Files;
using PhishMe.Intelligence;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace PhishMe.Engine.Running.Logging;

/// <summary>The log of one run: ISO 8601 UTC time, level, run id, message; secrets masked in any message.</summary>
internal static class RunLog
{
    /// <summary>Opens the log.</summary>
    /// <param name="settings">Where and from which level.</param>
    /// <param name="runId">Stands on every line.</param>
    /// <param name="mask">Hides what must never appear.</param>
    /// <param name="files">Renames the files when the log rolls.</param>
    /// <param name="hostLog">Opens the log of the host, where the configuration asks for it.</param>
    /// <param name="problem">Says later why there is no log file, or why lines are missing in it; null when all is well. A run goes on without.</param>
    public static Logger Open(LogSettings settings, string runId, SecretMask mask, IFileCalls files, Func<ISystemLog> hostLog, out Func<string?> problem)
    {
        var level = LevelOf(settings.Level);
        var configuration = new LoggerConfiguration().MinimumLevel.Is(level);
        if (settings.EventLog)
        {
            // The end of a run is information; the file still gets no more than its level.
            configuration = configuration.MinimumLevel.Is(level < LogEventLevel.Information ? level : LogEventLevel.Information)
                .WriteTo.Sink(new SystemLogSink(hostLog(), mask));
        }

        try
        {
            var file = new RollingLogFile(settings.File, new LineFormatter(runId, mask), files);
            configuration = configuration.WriteTo.Sink(file, level);
            problem = () => file.Problem is string reason ? $"The log file {settings.File} could not be written ({reason}); some lines are missing." : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var reason = $"The log file {settings.File} cannot be written ({exception.Message}); the run continues without a log.";
            problem = () => reason;
        }

        return configuration.CreateLogger();
    }

    /// <summary>The event log of Windows; elsewhere the socket of journald or a syslog daemon.</summary>
    public static ISystemLog OfHost() => OperatingSystem.IsWindows() ? new WindowsEventLog() : new SyslogSocket(SyslogSocket.UsualPath);

    private static LogEventLevel LevelOf(LogLevel level) => level switch
    {
        LogLevel.Debug => LogEventLevel.Debug,
        LogLevel.Info => LogEventLevel.Information,
        LogLevel.Warning => LogEventLevel.Warning,
        LogLevel.Error => LogEventLevel.Error,
        LogLevel.Critical => LogEventLevel.Fatal,
    };

    private sealed class LineFormatter(string runId, SecretMask mask) : ITextFormatter
    {
        private readonly MessageTemplateTextFormatter _message = new("{Message:lj}", System.Globalization.CultureInfo.InvariantCulture);

        public void Format(LogEvent logEvent, TextWriter output)
        {
            var text = new StringWriter(System.Globalization.CultureInfo.InvariantCulture) { NewLine = "\n" };
            text.Write(logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture));
            text.Write(' ');
            text.Write(Word(logEvent.Level));
            text.Write(' ');
            text.Write(runId);
            text.Write(' ');
            var message = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
            _message.Format(logEvent, message);

            // One entry is one line, whatever a server or an attacker wrote into it; only a trace has several.
            text.WriteLine(VisibleText.Of(message.ToString()));
            if (logEvent.Exception is Exception exception)
            {
                text.WriteLine(VisibleText.OfLines(exception.ToString()));
            }

            output.Write(mask.Hide(text.ToString()));
        }

        private static string Word(LogEventLevel level) => level switch
        {
            LogEventLevel.Verbose or LogEventLevel.Debug => "DEBUG",
            LogEventLevel.Information => "INFO",
            LogEventLevel.Warning => "WARNING",
            LogEventLevel.Error => "ERROR",
            _ => "CRITICAL",
        };
    }
}
