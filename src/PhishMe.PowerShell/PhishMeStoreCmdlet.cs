using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell;

/// <summary>What all cmdlets share that do nothing but read the local store. They need no session and no network.</summary>
public abstract class PhishMeStoreCmdlet : PhishMeCmdlet
{
    /// <summary>The state file to read, taken literally; unless given, the one that the configuration names.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

    /// <summary>The configuration file that names the state file, taken literally; that of the session, else config.ini in the current location, unless given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConfigPath { get; set; }

    /// <summary>Where the store is.</summary>
    /// <returns>The source.</returns>
    /// <exception cref="PhishMeException">The parameters exclude each other, or a path leads to no file.</exception>
    private protected StoreSource ResolveStore() => ResolveStore(Store, ConfigPath, RunspaceSessions.Current);
}
