using Serilog.Events;

namespace PhishMe.Engine.Running.Logging;

/// <summary>The log of the system.</summary>
internal interface ISystemLog
{
    /// <summary>Hands over one message.</summary>
    void Write(LogEventLevel level, string text);
}
