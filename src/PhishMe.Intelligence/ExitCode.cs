namespace PhishMe.Intelligence;

/// <summary>The exit codes of a run, the same for <c>phishme</c> and for a scheduled <c>Invoke-PhishMeIntegration</c>.</summary>
public enum ExitCode
{
    /// <summary>Done, also when nothing was new.</summary>
    Done = 0,

    /// <summary>An unexpected error; the log has the stack trace.</summary>
    Unexpected = 1,

    /// <summary>The command line was wrong.</summary>
    Usage = 2,

    /// <summary>The configuration holds an error.</summary>
    Configuration = 10,

    /// <summary>Another run holds the lock.</summary>
    Locked = 11,

    /// <summary>The API refused the credentials.</summary>
    CredentialsRefused = 12,

    /// <summary>The API is unreachable or failing.</summary>
    ApiFailing = 13,

    /// <summary>An output failed; nothing is lost, the next run repeats the batch.</summary>
    OutputFailed = 14,

    /// <summary>Done, with dead letters.</summary>
    DoneWithDeadLetters = 15,

    /// <summary>Cancelled by the user or the host.</summary>
    Cancelled = 130,
}
