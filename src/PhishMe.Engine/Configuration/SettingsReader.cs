using System.Globalization;
using PhishMe.Engine.Configuration.Ini;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>Makes typed settings of a document. Relative paths start from the folder of the file.</summary>
internal sealed class SettingsReader
{
    private const int LeastFrequencyMinutes = 15;

    private readonly IniDocument _document;
    private readonly string _path;
    private readonly string _folder;
    private readonly FindingCollector _findings;
    private readonly ReadingContext _context;
    private readonly List<(string Path, SectionValues Section, string Key)> _files = [];

    public SettingsReader(IniDocument document, string path, FindingCollector findings, ReadingContext context)
    {
        _document = document;
        _path = path;
        _folder = Path.GetDirectoryName(path) ?? Path.GetPathRoot(path) ?? path;
        _findings = findings;
        _context = context;
    }

    public IntegrationSettings? Read()
    {
        ReportWhatHasNoEffect();
        var api = ReadApi();
        var products = ReadProducts();
        var productSettings = new ProductSettings(
            _document, _findings, _context, _folder, Section("pm_format"), Section(DeliveryKeys.SectionName),
            (path, section, key) => _files.Add((path, section, key)));
        var shared = StateKeys.ReadShared(Section(StateKeys.SharedSection), _context);
        Destination[] destinations =
        [
            .. from product in _context.Products
               from destination in product.Read(productSettings)
               select shared is null ? destination : HostFiles.Of(destination, Section(destination.Section), shared.Host),
        ];
        var servers = ServerKeys.Read(Section(ServerKeys.FeedSection), Section(ServerKeys.TaxiiSection), productSettings.Scores);
        var settings = new
        {
            Jitter = ReadJitter(),
            Proxy = ReadProxy(api?.BaseUri),
            Log = ReadLog(),
            Metrics = ReadMetrics(),
            LockFile = ReadLockFile(),
            State = ReadState(servers.Taxii is not null || destinations.Any(destination => destination.Kind == DestinationKind.Rebuilt), shared),
        };
        if (destinations.Length == 0 && servers.Taxii is null)
        {
            _findings.Add(FindingRules.NoOutput, null, null, null,
                $"No output is in use, so a run only moves the position. Set use = True in [{NameOf(OutputFormat.Json)}], " +
                $"[{NameOf(OutputFormat.Cef)}] or [{NameOf(OutputFormat.Stix)}].");
        }

        ReportSharedFiles();
        return api is null ? null : new IntegrationSettings
        {
            Path = _path,
            Api = api,
            Jitter = settings.Jitter,
            Products = products,
            Proxy = settings.Proxy,
            Log = settings.Log,
            Metrics = settings.Metrics,
            LockFile = settings.LockFile,
            State = settings.State,
            Servers = servers,
            Destinations = destinations,
            ActiveOutputs = [.. destinations.Select(destination => destination.Name).Distinct()],
            Secrets = _findings.Secrets,
        };

        string NameOf(OutputFormat format) =>
            _context.Sections.Sections.FirstOrDefault(schema => schema.Format == format) is SectionSchema schema ? productSettings.NameInFile(schema) : "integration_raw";
    }

    private ApiSettings? ReadApi()
    {
        var section = Section("pm_api");
        if (!section.Exists)
        {
            section.ReportSection(FindingRules.SectionMissing, "The section is missing. Add it with the user and pass of an API token, or start from config.ini.sample.");
            return null;
        }

        var baseUri = section.Url("base_url");
        if (baseUri is { UserInfo.Length: > 0 })
        {
            section.Report(FindingRules.CredentialsInUrl, "base_url", "The URL contains credentials, which are ignored. Remove them and " +
                "use the keys user and pass.");
            baseUri = WithoutCredentials(baseUri);
        }

        if (baseUri is not null && baseUri.Scheme == Uri.UriSchemeHttp && !baseUri.IsLoopback)
        {
            section.Report(FindingRules.ConnectionNotEncrypted, "base_url",
                "The API is reached over http://, so the credentials travel in clear text. Write https://.");
        }

        const string Advice = "Copy it from the portal: Settings, API Tokens.";
        var api = new ApiSettings
        {
            BaseUri = baseUri ?? new Uri(_context.Sections.Find("pm_api")!.Find("base_url")!.Default),
            User = section.RequiredSecret("user", Advice),
            Password = section.RequiredSecret("pass", Advice),
            VerifyTls = section.Boolean("ssl_verify"),
            AuthorityFile = section.InputFile("ca_file"),
            ClientCertificate = SyslogKeys.ReadClientCertificate(section, "client_certificate"),
            InitialDate = section.Date("init_date"),
            Position = section.Text("position"),
            ResultsPerPage = section.Integer("results_per_page"),
            MaximumTries = section.Integer("max_retries"),
            ExpiredThreatDays = section.Integer("expired_threat_days"),
            ConcurrentRequests = section.Integer("concurrent_requests"),
            RequestsPerSecond = section.OptionalInteger("requests_per_second"),
            RunTimeoutMinutes = section.Integer("run_timeout_minutes"),
        };

        if (!api.VerifyTls)
        {
            section.Report(FindingRules.TlsNotVerified, "ssl_verify",
                "The certificate of the API is not verified, so anyone on the network path can read the credentials. Write True. If you " +
                "have your own certificate authority, name its certificate in ca_file.");
        }

        if (api.InitialDate > _context.Clock.GetUtcNow())
        {
            section.Report(FindingRules.InitialDateInFuture, "init_date",
                "The date is in the future, so a backfill finds nothing. Write an earlier date, or correct the clock of this machine.");
        }

        return api;
    }

    private JitterSettings ReadJitter()
    {
        var section = Section("pm_jitter");
        if (!section.Boolean("use"))
        {
            // Not checked when not in use, as in the original; who schedules runs may still want to know what is written there.
            var schema = _context.Sections.Find("pm_jitter")!.Find("execution_frequency")!;
            var isNumber = IsNumber(section.Unchecked("execution_frequency"), out var written);
            return new JitterSettings
            {
                Use = false,
                FrequencyMinutes = isNumber && written >= schema.Minimum && written <= schema.Maximum ? written : LeastFrequencyMinutes,
            };
        }

        var frequency = section.Integer("execution_frequency");
        if (frequency < LeastFrequencyMinutes)
        {
            section.Report(FindingRules.FrequencyTooHigh, "execution_frequency",
                "Runs are less than 15 minutes apart; the vendor asks for at least 15. Write 15 or more, and set the scheduler to the " +
                "same.");
        }

        return new JitterSettings { Use = true, FrequencyMinutes = frequency, OffsetMinutes = ReadOffset(section, frequency) };
    }

    /// <summary>The original chooses −1 once in sixteen times, and treats text that is not a number as no offset. Both are reported, and
    /// the next run chooses again.</summary>
    private static int? ReadOffset(SectionValues section, int frequency)
    {
        if (section.Unchecked("scheduler_offset") is not { } written)
        {
            return null;
        }

        if (IsNumber(written, out var offset) && offset >= 0 && offset < frequency)
        {
            return offset;
        }

        section.Report(FindingRules.OffsetNotUsable, "scheduler_offset",
            "The offset is not a number from 0 to execution_frequency - 1. The next run chooses one and writes it here; remove the " +
            "value to silence this warning.");
        return null;
    }

    private HashSet<ThreatType> ReadProducts()
    {
        var section = Section("pm_product");
        var products = new HashSet<ThreatType>();
        if (section.Boolean("intelligence"))
        {
            products.Add(ThreatType.Malware);
        }

        if (section.Boolean("brand_intelligence"))
        {
            products.Add(ThreatType.Phish);
        }

        if (products.Count == 0)
        {
            section.ReportSection(FindingRules.NoProduct, "intelligence and brand_intelligence are both off. Write True for at least one.");
        }

        return products;
    }

    private ProxySettings? ReadProxy(Uri? baseUri)
    {
        var section = Section("local_proxy");
        var isOfSystem = "system".Equals(section.Unchecked("use")?.Trim(), StringComparison.OrdinalIgnoreCase);
        if (!isOfSystem && !section.Boolean("use"))
        {
            return null;
        }

        var http = ReadProxyAddress(section, "http", out var credentials);
        var https = ReadProxyAddress(section, "https", out var moreCredentials);
        credentials = moreCredentials ?? credentials;
        var needed = baseUri?.Scheme == Uri.UriSchemeHttp ? "http" : "https";
        if (!isOfSystem && (needed == "http" ? http : https) is null)
        {
            section.ReportMissing(needed, $"The API is reached over {needed}://, so this proxy is needed. Write it like " +
                $"http://proxy.example:3128, or use = False.");
        }

        var (user, password) = credentials ?? (null, null);
        var authentication = Enum.Parse<ProxyAuthentication>(section.Word("auth"), ignoreCase: true);
        if (section.Boolean("auth_basic_use") && authentication != ProxyAuthentication.Default)
        {
            user = section.RequiredText("auth_basic_user", "Write the user name for the proxy, or auth_basic_use = False.");
            password = section.RequiredSecret("auth_basic_pass", "Write the password for the proxy, or auth_basic_use = False.");
        }

        return new ProxySettings
        {
            Http = http,
            Https = https,
            IsOfSystem = isOfSystem,
            Authentication = authentication,
            User = user,
            Password = password,
            Bypass = ReadBypass(section),
        };
    }

    private static IReadOnlyList<string> ReadBypass(SectionValues section)
    {
        var entries = section.List("bypass");
        foreach (var entry in entries.Where(entry => !ProxyBypass.IsUsable(entry)))
        {
            section.Report(FindingRules.EntryWithoutEffect, "bypass",
                $"'{VisibleText.Of(entry)}' matches no host. Write a name, *.name, an address, or a network such as 10.0.0.0/8, without scheme, port or path.");
        }

        return entries;
    }

    private static Uri? ReadProxyAddress(SectionValues section, string key, out (string? User, string? Password)? credentials)
    {
        credentials = null;
        var address = section.Url(key);
        if (address is not { UserInfo.Length: > 0 })
        {
            return address;
        }

        section.Report(FindingRules.CredentialsInUrl, key,
            "The URL contains credentials. They are used, but move them to auth_basic_user and auth_basic_pass, where no character " +
            "needs escaping.");
        var parts = address.UserInfo.Split(':', 2);
        credentials = (Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : string.Empty);
        return WithoutCredentials(address);
    }

    private LogSettings ReadLog()
    {
        var section = Section("local_log");
        var file = section.OutputFile("log_file", Beside(".log"))!;
        _files.Add((file, section, "log_file"));
        return new LogSettings
        {
            File = file,
            Level = Enum.Parse<LogLevel>(section.Word("log_level"), ignoreCase: true),
            EventLog = section.Boolean("event_log"),
        };
    }

    private MetricsSettings ReadMetrics()
    {
        var section = Section(MetricsKeys.SectionName);
        var metrics = MetricsKeys.Read(section);
        if (metrics.TextFile is string file)
        {
            _files.Add((file, section, "textfile"));
        }

        return metrics;
    }

    private string ReadLockFile()
    {
        var section = Section("local_file_lock");
        var fallback = Beside(".lock");
        var file = section.Boolean("use") ? section.OutputFile("lock_file", fallback)! : section.DefaultFile("lock_file", fallback);
        _files.Add((file, section, "lock_file"));
        return file;
    }

    private StateSettings ReadState(bool needsThreats, SharedStateAddress? shared)
    {
        var section = Section(StateKeys.SqliteSection);
        var state = StateKeys.Read(section, Beside(".db"), needsThreats, shared, _context.IsWindows, out var key);
        _files.Add((state.File, section, key));
        return state;
    }

    private void ReportWhatHasNoEffect()
    {
        foreach (var found in _document.Sections)
        {
            if (_context.Sections.Find(found.Name) is not { } schema || schema.Find("use") is null || !(schema.IsPlanned || schema.IsIgnored))
            {
                continue;
            }

            var section = Section(found.Name);
            if (!section.Boolean("use"))
            {
                continue;
            }

            if (schema.IsPlanned)
            {
                section.Report(FindingRules.NotImplementedYet, "use", "The section is enabled but not implemented yet; the run " +
                    "continues without it.");
            }
            else
            {
                section.Report(FindingRules.SectionWithoutEffect, "use", "The section has no effect, as in the original. Remove it.");
            }
        }
    }

    /// <summary>Two writers of one file destroy each other's work, and the configuration file itself is never an output.</summary>
    private void ReportSharedFiles()
    {
        var comparer = OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;
        var taken = new Dictionary<string, string>(comparer) { [_path] = "the configuration file itself" };
        foreach (var (path, section, key) in _files)
        {
            if (taken.TryGetValue(path, out var other))
            {
                section.Report(FindingRules.PathShared, key, $"{path} is {other}. Name a different file.");
            }
            else
            {
                taken.Add(path, $"[{section.Name}] {key} too");
            }
        }
    }

    private static bool IsNumber(string? text, out int number) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private SectionValues Section(string name) => new(_context.Sections.Find(name)!, name, _document, _findings, _context, _folder);

    private string Beside(string extension) => Path.ChangeExtension(_path, extension);

    private static Uri WithoutCredentials(Uri address) => new UriBuilder(address) { UserName = string.Empty, Password = string.Empty }.Uri;
}
