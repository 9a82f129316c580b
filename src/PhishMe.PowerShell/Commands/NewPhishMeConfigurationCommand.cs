using System.Collections;
using System.Globalization;
using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Writes a commented config.ini that only its owner may read.</summary>
[Cmdlet(VerbsCommon.New, "PhishMeConfiguration", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class NewPhishMeConfigurationCommand : PhishMeCmdlet
{
    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Path of the configuration file. Default: <c>config.ini</c> in the current location. Taken literally.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "Path")]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = "config.ini";

    /// <summary>User and password of the API token. They are written to the file in clear text; CredentialSource avoids that.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Where to read the credentials from: two sources, first the user, then the password, such as 'env:PHISHME_USER', 'env:PHISHME_PASS'. Also file:PATH and secret:NAME.</summary>
    [Parameter]
    [ValidateCount(2, 2)]
    [ValidatePattern("^(env|file|secret):.+")]
    public string[] CredentialSource { get; set; } = [];

    /// <summary>Root of the API.</summary>
    [Parameter]
    public Uri? BaseUri { get; set; }

    /// <summary>First day (UTC) of the backfill.</summary>
    [Parameter]
    public DateTime StartDate { get; set; }

    /// <summary>The position of an earlier integration to continue from, without a backfill.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Position { get; set; }

    /// <summary>The outputs to turn on. Default: JSON.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public OutputFormat[] Format { get; set; } = [];

    /// <summary>Folder of the outputs; each format has its own folder below it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPath { get; set; }

    /// <summary>The proxy to the API.</summary>
    [Parameter]
    public Uri? Proxy { get; set; }

    /// <summary>User and password for the proxy.</summary>
    [Parameter]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Any other settings, named by section and key: @{ 'pm_api.results_per_page' = 50 }.</summary>
    [Parameter]
    public IDictionary Setting { get; set; } = new Hashtable();

    /// <summary>Also write the sections of products that are not implemented yet.</summary>
    [Parameter]
    public SwitchParameter IncludePlanned { get; set; }

    /// <summary>Replace an existing file.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var path = ResolveFile(ConfigPath, Faults.PathInvalid);
            Collect();
            if (File.Exists(path) && !Force)
            {
                throw new PhishMeException(Faults.FileExists, "The configuration file already exists.", path);
            }

            if (!ShouldProcess(path, "Create configuration"))
            {
                return;
            }

            CreateEngine().CreateConfiguration(new NewConfiguration
            {
                Path = path,
                Overwrite = Force,
                IncludePlanned = IncludePlanned,
                Values = _values,
            });
            WriteObject(InvokeProvider.Item.Get([path], force: true, literalPath: true), enumerateCollection: true);
        }
        catch (PhishMeException exception)
        {
            WriteError(ToErrorRecord(exception, ConfigPath));
        }
    }

    private void Collect()
    {
        _values.Clear();
        if (Credential is not null)
        {
            _values["pm_api.user"] = Credential.UserName;
            _values["pm_api.pass"] = Credential.GetNetworkCredential().Password;
        }

        if (CredentialSource is [string user, string secret])
        {
            _values["pm_api.user"] = user;
            _values["pm_api.pass"] = secret;
        }

        Add("pm_api.base_url", BaseUri?.OriginalString.TrimEnd('/'));
        Add("pm_api.init_date", MyInvocation.BoundParameters.ContainsKey(nameof(StartDate))
            ? DateOnly.FromDateTime(StartDate.Kind == DateTimeKind.Local ? StartDate.ToUniversalTime() : StartDate).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : null);
        Add("pm_api.position", Position);
        CollectOutputs();
        CollectProxy();
        foreach (DictionaryEntry entry in Setting)
        {
            Add((string)LanguagePrimitives.ConvertTo(entry.Key, typeof(string), CultureInfo.InvariantCulture),
                (string)LanguagePrimitives.ConvertTo(entry.Value ?? string.Empty, typeof(string), CultureInfo.InvariantCulture));
        }
    }

    private void CollectOutputs()
    {
        var folder = OutputPath is null ? null : ResolveFile(OutputPath, Faults.PathInvalid);
        foreach (var format in Enum.GetValues<OutputFormat>())
        {
            var name = Enum.GetName(format)!.ToLower(CultureInfo.InvariantCulture);
            if (Format.Length > 0)
            {
                // The original's download section says the same, so that the file works for both.
                var use = Format.Contains(format) ? "True" : "False";
                _values[$"integration_raw_{name}.use"] = use;
                _values[$"pm_format.{name}"] = use;
            }

            if (folder is not null)
            {
                _values[$"integration_raw_{name}.multiple_file_location"] = System.IO.Path.Combine(folder, name);
            }
        }
    }

    private void CollectProxy()
    {
        if (Proxy is not null)
        {
            _values["local_proxy.use"] = "True";
            _values["local_proxy.http"] = _values["local_proxy.https"] = Proxy.OriginalString;
        }

        if (ProxyCredential is not null)
        {
            _values["local_proxy.auth_basic_use"] = "True";
            _values["local_proxy.auth_basic_user"] = ProxyCredential.UserName;
            _values["local_proxy.auth_basic_pass"] = ProxyCredential.GetNetworkCredential().Password;
        }
    }

    private void Add(string name, string? value)
    {
        if (value is not null)
        {
            _values[name] = value;
        }
    }
}
