using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell;

/// <summary>What all cmdlets share that do nothing but read the store. They need no session and no network.</summary>
public abstract class PhishMeStoreCmdlet : PhishMeCmdlet
{
    /// <summary>The state file to read. Default: the one that the configuration names. Taken literally.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

    /// <summary>The config.ini that names the state file. Default: the one of the session, otherwise config.ini in the current location. Taken literally.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConfigPath { get; set; }

    /// <summary>
    /// A connection to the database of a shared state, such as 'Host=db.example;Database=phishme;Username=reader', or the place of a secret that has it:
    /// env:NAME, file:PATH, secret:NAME. Instead of -Store and -ConfigPath. An account that may only read will do.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Connection { get; set; }

    /// <summary>Where the store is.</summary>
    /// <returns>The source.</returns>
    /// <exception cref="PhishMeException">The parameters exclude each other, or a path leads to no file.</exception>
    private protected StoreSource ResolveStore() => ResolveStore(Store, ConfigPath, Connection, RunspaceSessions.Current);
}
