using Serilog.Events;

namespace PhishMe.Engine.Running;

/// <summary>The log of the system.</summary>
internal interface ISystemLog
{
    /// <summary>Hands over one message.</summary>
    void Write(LogEventLevel level, string text);
}
