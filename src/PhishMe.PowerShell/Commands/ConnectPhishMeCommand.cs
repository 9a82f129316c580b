using System.Collections.ObjectModel;
using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Connects this runspace to the API and verifies that it is reachable and accepts the credentials.</summary>
[Cmdlet(VerbsCommunications.Connect, "PhishMe", DefaultParameterSetName = CredentialSet)]
[OutputType(typeof(PhishMeSession))]
public sealed class ConnectPhishMeCommand : PhishMeCmdlet
{
    private const string CredentialSet = "Credential";
    private const string SecretSet = "Secret";
    private const string ConfigurationSet = "Configuration";

    /// <summary>The API token: its user part as the user name, its password part as the password.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = CredentialSet)]
    [ValidateNotNull]
    [Credential]
    public PSCredential Credential { get; set; } = PSCredential.Empty;

    /// <summary>Name of a credential in a SecretManagement vault.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SecretSet)]
    [ValidateNotNullOrEmpty]
    public string SecretName { get; set; } = string.Empty;

    /// <summary>Name of the vault. Default: all vaults.</summary>
    [Parameter(ParameterSetName = SecretSet)]
    [ValidateNotNullOrEmpty]
    public string? Vault { get; set; }

    /// <summary>A config.ini that provides the address, credentials, proxy and limits. Taken literally.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ConfigurationSet)]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = string.Empty;

    /// <summary>Root of the API. Default: the vendor's.</summary>
    [Parameter(ParameterSetName = CredentialSet)]
    [Parameter(ParameterSetName = SecretSet)]
    [ValidateNotNull]
    public Uri? BaseUri { get; set; }

    /// <summary>The proxy. Default: no proxy.</summary>
    [Parameter(ParameterSetName = CredentialSet)]
    [Parameter(ParameterSetName = SecretSet)]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>The credentials for the proxy.</summary>
    [Parameter(ParameterSetName = CredentialSet)]
    [Parameter(ParameterSetName = SecretSet)]
    [ValidateNotNull]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Do not verify the server's certificate. Anyone on the network path can then read the credentials.</summary>
    [Parameter(ParameterSetName = CredentialSet)]
    [Parameter(ParameterSetName = SecretSet)]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Emit the session.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        object? target = ParameterSetName switch { ConfigurationSet => ConfigPath, SecretSet => SecretName, _ => BaseUri };
        PhishMeSession? session = null;
        DoOrEnd(
            () =>
            {
                var options = Options();
                RunOperation(async (engine, writer, cancellation) =>
                {
                    var port = engine.Connect(options);
                    try
                    {
                        foreach (var warning in port.Warnings)
                        {
                            await writer.WriteAsync(new PumpWarning(warning)).ConfigureAwait(false);
                        }

                        session = new PhishMeSession(port, await port.ProbeAsync(cancellation).ConfigureAwait(false));
                    }
                    catch
                    {
                        await port.DisposeAsync().ConfigureAwait(false);
                        throw;
                    }
                });
            },
            target);
        if (SkipCertificateCheck)
        {
            WriteWarning("The certificate of the API is not verified, so anyone on the network path can read the credentials.");
        }

        RunspaceSessions.Current = session;
        if (PassThru)
        {
            WriteObject(session);
        }
    }

    private SessionOptions Options()
    {
        if (ParameterSetName == ConfigurationSet)
        {
            return new SessionOptions { ConfigurationPath = ResolveFile(ConfigPath) };
        }

        var credential = ParameterSetName == SecretSet ? LookUpCredential() : Credential;
        return new SessionOptions
        {
            BaseUri = BaseUri,
            User = credential.UserName,
            Password = credential.GetNetworkCredential().Password,
            Proxy = Proxy,
            ProxyUser = ProxyCredential?.UserName,
            ProxyPassword = ProxyCredential?.GetNetworkCredential().Password,
            VerifyTls = !SkipCertificateCheck,
        };
    }

    // Vaults are registered and unlocked per user and per session, so the session is asked.
    private PSCredential LookUpCredential()
    {
        const string LookUp = """
            param($Name, $Vault)
            if (-not (Get-Command -Name 'Microsoft.PowerShell.SecretManagement\Get-Secret' -ErrorAction Ignore)) { return $false }
            $where = if ($Vault) { @{ Vault = $Vault } } else { @{} }
            Microsoft.PowerShell.SecretManagement\Get-Secret -Name $Name @where -ErrorAction Stop
            """;
        Collection<PSObject> answer;
        try
        {
            answer = InvokeCommand.InvokeScript(LookUp, SecretName, Vault);
        }
        catch (RuntimeException exception) when (exception is not PipelineStoppedException)
        {
            throw new PhishMeException(Faults.SecretUnavailable, $"The vault did not return the secret: {exception.Message}", SecretName, exception);
        }

        return answer switch
        {
            [PSObject { BaseObject: PSCredential credential }] => credential,
            [PSObject { BaseObject: false }] => throw new PhishMeException(
                Faults.SecretUnavailable, "The module Microsoft.PowerShell.SecretManagement is not installed, so no vault can be read.", SecretName),
            [] or [null] => throw new PhishMeException(Faults.SecretUnavailable, "No vault has a secret of this name.", SecretName),
            _ => throw new PhishMeException(Faults.SecretUnavailable, "The secret is not a credential with user name and password.", SecretName),
        };
    }
}
