namespace PhishMe.PowerShell;

/// <summary>How a store is named.</summary>
internal enum StoreSourceKind
{
    /// <summary>By its state file.</summary>
    StateFile,

    /// <summary>By a configuration file, which names the state file or the shared state.</summary>
    Configuration,

    /// <summary>By a connection to a shared state.</summary>
    Connection,
}
