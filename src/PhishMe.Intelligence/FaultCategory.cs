namespace PhishMe.Intelligence;

/// <summary>What kind of failure a fault is. The names are those of PowerShell's <c>ErrorCategory</c>, so that a cmdlet can map them one to one.</summary>
public enum FaultCategory
{
    /// <summary>No better category is known.</summary>
    NotSpecified,

    /// <summary>A value the user gave is wrong.</summary>
    InvalidArgument,

    /// <summary>Data that came in does not have the expected form.</summary>
    InvalidData,

    /// <summary>The operation is not possible in this state.</summary>
    InvalidOperation,

    /// <summary>Something named does not exist.</summary>
    ObjectNotFound,

    /// <summary>Something is there already that must not be.</summary>
    ResourceExists,

    /// <summary>Another program is using the resource.</summary>
    ResourceBusy,

    /// <summary>Something needed cannot be had: a server, a disk.</summary>
    ResourceUnavailable,

    /// <summary>The credentials were refused.</summary>
    AuthenticationError,

    /// <summary>The rights do not suffice.</summary>
    PermissionDenied,

    /// <summary>Reading failed.</summary>
    ReadError,

    /// <summary>Writing failed.</summary>
    WriteError,

    /// <summary>The network failed.</summary>
    ConnectionError,

    /// <summary>It took too long.</summary>
    OperationTimeout,

    /// <summary>The user or the host stopped it.</summary>
    OperationStopped,
}
