using System.Collections.ObjectModel;
using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Connects this runspace to the API, and proves that it is there and takes the credentials.</summary>
[Cmdlet(VerbsCommunications.Connect, "PhishMe", DefaultParameterSetName = CredentialSet)]
[OutputType(typeof(PhishMeSession))]
public sealed class ConnectPhishMeCommand : PhishMeCmdlet
{
    private const string CredentialSet = "Credential";
    private const string SecretSet = "Secret";
    private const string ConfigurationSet = "Configuration";

    /// <summary>The API token: its user part as user name, its password part as password.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = CredentialSet)]
    [ValidateNotNull]
    [Credential]
    public PSCredential Credential { get; set; } = PSCredential.Empty;

    /// <summary>Name of a credential in a vault of SecretManagement.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SecretSet)]
    [ValidateNotNullOrEmpty]
    public string SecretName { get; set; } = string.Empty;

    /// <summary>The vault; all vaults unless given.</summary>
    [Parameter(ParameterSetName = SecretSet)]
    [ValidateNotNullOrEmpty]
    public string? Vault { get; set; }

    /// <summary>A config.ini to take address, credentials, proxy and limits from.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ConfigurationSet)]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = string.Empty;

    /// <summary>Root of the API; the vendor's unless given.</summary>
    [Parameter(ParameterSetName = CredentialSet)]
    [Parameter(ParameterSetName = SecretSet)]
    [ValidateNotNull]
    public Uri? BaseUri { get; set; }

    /// <summary>The proxy; none unless given.</summary>
    [Parameter(ParameterSetName = CredentialSet)]
    [Parameter(ParameterSetName = SecretSet)]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>The credentials the proxy asks for.</summary>
    [Parameter(ParameterSetName = CredentialSet)]
    [Parameter(ParameterSetName = SecretSet)]
    [ValidateNotNull]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Do not verify the server's certificate: anyone on the way can read the credentials then.</summary>
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
            WriteWarning("The certificate of the API is not verified, so anyone on the way can read the credentials.");
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
            throw new PhishMeException(Faults.SecretUnavailable, $"The vault did not give the secret: {exception.Message}", SecretName, exception);
        }

        return answer switch
        {
            [PSObject { BaseObject: PSCredential credential }] => credential,
            [PSObject { BaseObject: false }] => throw new PhishMeException(
                Faults.SecretUnavailable, "SecretManagement is not installed, so there is no vault to ask.", SecretName),
            [] or [null] => throw new PhishMeException(Faults.SecretUnavailable, "There is no secret of that name.", SecretName),
            _ => throw new PhishMeException(Faults.SecretUnavailable, "The secret is no credential with user name and password.", SecretName),
        };
    }
}
