namespace PhishMe.Engine.Configuration;

/// <summary>The levels of [local_log] log_level.</summary>
internal enum LogLevel
{
    /// <summary>Everything.</summary>
    Debug,

    /// <summary>The course of a run.</summary>
    Info,

    /// <summary>What someone should look at.</summary>
    Warning,

    /// <summary>What failed.</summary>
    Error,

    /// <summary>What ended a run unforeseen.</summary>
    Critical,
}
