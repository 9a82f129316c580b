using PhishMe.Engine.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace PhishMe.Engine.Running;

/// <summary>The log of one run: ISO 8601 UTC time, level, run id, message; secrets blotted out whatever a message carries.</summary>
internal static class RunLog
{
    /// <summary>Opens the log.</summary>
    /// <param name="settings">Where and from which level.</param>
    /// <param name="runId">Stands on every line.</param>
    /// <param name="redaction">Blots out what must never appear.</param>
    /// <param name="problem">Why there is no log file; null when there is one. A run goes on without.</param>
    public static Logger Open(LogSettings settings, string runId, Redaction redaction, out string? problem)
    {
        problem = null;
        var configuration = new LoggerConfiguration().MinimumLevel.Is(LevelOf(settings.Level));
        try
        {
            configuration = configuration.WriteTo.Sink(new RollingLogFile(settings.File, new LineFormatter(runId, redaction)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = $"The log file {settings.File} cannot be written ({exception.Message}); the run goes on without a log.";
        }

        return configuration.CreateLogger();
    }

    private static LogEventLevel LevelOf(LogLevel level) => level switch
    {
        LogLevel.Debug => LogEventLevel.Debug,
        LogLevel.Info => LogEventLevel.Information,
        LogLevel.Warning => LogEventLevel.Warning,
        LogLevel.Error => LogEventLevel.Error,
        _ => LogEventLevel.Fatal,
    };

    private sealed class LineFormatter(string runId, Redaction redaction) : ITextFormatter
    {
        private readonly MessageTemplateTextFormatter _message = new("{Message:lj}{NewLine}{Exception}", System.Globalization.CultureInfo.InvariantCulture);

        public void Format(LogEvent logEvent, TextWriter output)
        {
            var text = new StringWriter(System.Globalization.CultureInfo.InvariantCulture) { NewLine = "\n" };
            text.Write(logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture));
            text.Write(' ');
            text.Write(Word(logEvent.Level));
            text.Write(' ');
            text.Write(runId);
            text.Write(' ');
            _message.Format(logEvent, text);
            output.Write(redaction.Blot(text.ToString()));
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
