using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell;

/// <summary>What all cmdlets share that do nothing but read the local store. They need no session and no network.</summary>
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

    /// <summary>Where the store is.</summary>
    /// <returns>The source.</returns>
    /// <exception cref="PhishMeException">The parameters exclude each other, or a path leads to no file.</exception>
    private protected StoreSource ResolveStore() => ResolveStore(Store, ConfigPath, RunspaceSessions.Current);
}
