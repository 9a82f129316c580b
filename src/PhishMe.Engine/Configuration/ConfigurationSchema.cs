using PhishMe.Engine.Destinations.Products;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Configuration;

/// <summary>All sections and keys of config.ini: of the original in all its versions, and ours. Reading, checking, the sample file and the
/// documentation come from here.</summary>
internal static class ConfigurationSchema
{
    /// <summary>The sections of this program.</summary>
    public static SectionCatalogue Standard { get; } = Of(ProductCatalogue.All);

    /// <summary>The sections in the order of the sample file.</summary>
    public static IReadOnlyList<SectionSchema> Sections => Standard.Sections;

    /// <summary>All names of sections, both spellings.</summary>
    public static IReadOnlyCollection<string> SectionNames => Standard.Names;

    /// <summary>Finds a section.</summary>
    /// <param name="name">Exact name, in either spelling.</param>
    /// <returns>The schema, or null when there is no such section.</returns>
    public static SectionSchema? Find(string name) => Standard.Find(name);

    /// <summary>The sections with those of some products; a product that is still planned gives way to one with the same section.</summary>
    internal static SectionCatalogue Of(IReadOnlyList<IProduct> products)
    {
        SectionSchema[] theirs = [.. products.SelectMany(product => product.Sections)];
        SectionSchema[] planned = [.. Products(), .. PlannedServices()];
        return new SectionCatalogue(
        [
            Api(), Jitter(), Product(), Format(),
            .. theirs.Where(made => made.Format is not null),
            Log(), FileLock(), Sqlite(), Proxy(), Impact(), DeliveryKeys.Section,
            .. planned.Select(section => Array.Find(theirs, made => made.Name == section.Name) ?? section),
            .. theirs.Where(made => made.Format is null && !Array.Exists(planned, section => section.Name == made.Name)),
        ]);
    }

    private static SectionSchema Api() => new()
    {
        Name = "pm_api",
        Description = "The API that the threats come from, and the credentials for it.",
        Keys =
        [
            Url("base_url", "https://www.threathq.com/apiv1", "Root of the API."),
            Secret("user", "User part of the API token from the portal.") with { IsRequired = true, MinimumLength = 32 },
            Secret("pass", "Password part of the API token from the portal.") with { IsRequired = true, MinimumLength = 32 },
            Flag("ssl_verify", "True", "Verify the certificate of the API. False is dangerous, and every run says so."),
            Ours(Input("ca_file", "PEM file with certificate authorities to trust besides the system's.")),
            Ours(Input("client_certificate", "Client certificate for the API or for a gateway in front of it: PEM or PKCS #12.")),
            Ours(Input("client_certificate_key", "PEM file with its private key, if the certificate file does not contain it.")),
            Ours(Secret("client_certificate_password", "Password of the private key.")),
            new() { Name = "init_date", Kind = ValueKind.Date, Default = "2016-01-01", Description = "First day (UTC) of the backfill." },
            Text("position",
                "Where the last run stopped. Every run writes it; remove the value to start a new backfill.") with { MinimumLength = 36 },
            Number("results_per_page", "100", 1, 100, "Threats per request."),
            Number("max_retries", "3", 1, 10, "Attempts per request, including the first."),
            Number("expired_threat_days", "90", 1, 3650, "Updates of threats that were first published more days ago are not delivered."),
            Ours(Number("concurrent_requests", "16", 1, 256, "Maximum number of requests in flight. Each run finds the best number up to it.")),
            Ours(Number("requests_per_second", "", 1, 10_000, "Maximum number of requests per second. Empty: as many as the API accepts.")),
            Ours(Number("run_timeout_minutes", "14", 1, 1440, "Minutes a run may take, not counting a backfill.")),
        ],
    };

    private static SectionSchema Jitter() => new()
    {
        Name = "pm_jitter",
        Description = "Spreads the runs of many installations over the scheduler's interval.",
        Keys =
        [
            Flag("use", "False", "Wait for scheduler_offset minutes before a run (never before a backfill)."),
            Number("execution_frequency", "15", 5, 1440, "Minutes between two runs of the scheduler; the vendor asks for at least 15."),
            Number("scheduler_offset", "", 0, 1439,
                "Minutes to wait, less than execution_frequency. Empty: chosen and written by the next run."),
        ],
    };

    private static SectionSchema Product() => new()
    {
        Name = "pm_product",
        Description = "Which products to follow; at least one.",
        Keys =
        [
            Flag("intelligence", "True", "Malware campaigns."),
            Flag("brand_intelligence", "True", "Phishing pages."),
        ],
    };

    private static SectionSchema Format() => new()
    {
        Name = "pm_format",
        Description = "What the original downloads. Here the outputs in use decide; a difference is reported.",
        Keys =
        [
            Flag("cef", "False", "CEF."),
            Flag("json", "True", "JSON."),
            Flag("stix", "False", "STIX."),
        ],
    };

    private static SectionSchema Log() => new()
    {
        Name = "local_log",
        Description = "The log.",
        Keys =
        [
            Word("log_level", "info", ["debug", "info", "warning", "error", "critical"], "Lowest level to write."),
            new() { Name = "log_file", Kind = ValueKind.OutputFile,
                Description = "The live log file; 10 files of 5 MiB are kept. Empty: <name of this file>.log beside it." },
            Ours(Flag("event_log", "False",
                "Also hand errors and the end of each run to the log of the system: the Windows event log, journald or syslog.")),
            Text("log_name",
                "No effect, as in the original.") with { IsIgnored = true, KnownIn = KnownIn.OlderVersions | KnownIn.Version480 },
        ],
    };

    private static SectionSchema FileLock() => new()
    {
        Name = "local_file_lock",
        Description = "One run at a time. There is always a lock; this section only sets its path.",
        Keys =
        [
            Flag("use", "False", "True: use lock_file. False: use the default path."),
            new() { Name = "lock_file", Kind = ValueKind.OutputFile,
                Description = "The lock file; it exists while a run is under way. Empty: <name of this file>.lock beside it." },
        ],
    };

    private static SectionSchema Sqlite() => new()
    {
        Name = "local_sqlite",
        Description = "The state file, which every run needs, and the optional store of threats in it.",
        Keys =
        [
            Flag("use", "False", "Keep full threats and an index of indicators for offline look-ups. The other keys apply even if this is False."),
            new()
            {
                Name = "db", Kind = ValueKind.OutputFile, Description = "The state file. Empty: <name of this file>.db beside it.",
                KnownIn = KnownIn.Documentation2017,
            },
            new()
            {
                Name = "db_location", Kind = ValueKind.OutputFile, Description = "Another name of db. If both are present, db wins.",
                KnownIn = KnownIn.OlderVersions | KnownIn.Version480,
            },
            Flag("data_deduplication_use", "False",
                "Do not deliver a threat again if it has not changed.") with { MayBeEmpty = true, KnownIn = KnownIn.Documentation2017 },
            Number("data_deduplication_hours", "24", 1, 8760,
                "Hours for which an unchanged threat is not delivered again.") with { MayBeEmpty = true, KnownIn = KnownIn.Documentation2017 },
            Flag("data_retention_use", "False",
                "Remove old threats from the store.") with { MayBeEmpty = true, KnownIn = KnownIn.OlderVersions | KnownIn.Version480 },
            Number("data_retention_days", "365", 1, 365, "Days that threats stay in the store.") with
            {
                MayBeEmpty = true, KnownIn = KnownIn.OlderVersions | KnownIn.Version480,
            },
        ],
    };

    private static SectionSchema Proxy() => new()
    {
        Name = "local_proxy",
        Description = "The proxy to the API. If it is not in use there is no proxy, even if the environment names one.",
        Keys =
        [
            Flag("use", "False", "Use the proxy. 'system' instead of True takes the one that the system's settings or its PAC file name."),
            Url("http", "", "Proxy for http:// addresses, such as http://proxy.example:3128."),
            Url("https", "", "Proxy for https:// addresses, such as the API. The proxy's own address usually begins with http://."),
            Flag("auth_basic_use", "False", "Authenticate to the proxy (Basic)."),
            Text("auth_basic_user", "User name for the proxy."),
            Secret("auth_basic_pass", "Password for the proxy. Any character is allowed; do not escape."),
            Ours(Word("auth", "basic", ["basic", "negotiate", "ntlm", "digest", "default"],
                "How: basic, negotiate, ntlm or digest with auth_basic_user and auth_basic_pass (DOMAIN\\user for the second and third), or default: the " +
                "account that runs this, by negotiate or ntlm, without a name here.")),
            Ours(new() { Name = "bypass", Kind = ValueKind.List,
                Description = "Hosts to reach without the proxy, such as localhost, *.corp.example, 192.0.2.7, 10.0.0.0/8 (a network counts where base_url has an address)." }),
        ],
    };

    private static SectionSchema Impact()
    {
        const KnownIn Since = KnownIn.OlderVersions | KnownIn.Version480;
        return new SectionSchema
        {
            Name = "pm_impact",
            Description = "No effect, as in the original.",
            KnownIn = Since,
            IsIgnored = true,
            Keys =
            [
                .. from name in (string[])["use", "major", "moderate", "minor", "none"]
                   select Flag(name, "False", "No effect.") with { IsIgnored = true, KnownIn = Since },
            ],
        };
    }

    private static SectionSchema[] Products() =>
    [
        Product("arcsight", "ArcSight"),
        Product("mcafee_siem", "McAfee SIEM"),
        Product("carbon_black", "Carbon Black",
            Flag("ssl_verify", "False", "Verify the certificate."),
            Url("host_with_protocol", "", "Address of the server."),
            Secret("api_token", "API token.") with { MinimumLength = 40 },
            Text("feed_name", "Name of the feed; letters and digits.") with { Default = "PhishMeIntelligence" },
            Number("feed_id", "34", 0, 1000, "Number of the feed."),
            new() { Name = "sqlite_location", Kind = ValueKind.OutputFile, Description = "Store of the feed." },
            new() { Name = "cb_feed", Kind = ValueKind.OutputFile, Description = "The feed." },
            Number("sqlite_data_retention_days", "30", 1, 365, "Days a threat stays in the feed."),
            Number("impact_major", "100", 0, 100, "Score of major."),
            Number("impact_moderate", "75", 0, 100, "Score of moderate."),
            Number("impact_minor", "35", 0, 100, "Score of minor."),
            Number("impact_none", "0", 0, 100, "Score of none."),
            Flag("excluded_md5_use", "True", "Leave out the files of excluded_md5."),
            Text("excluded_md5", "JSON array of MD5 hashes.") with { Default = "[]" }),
        Product("crits", "CRITs",
            Flag("ssl_verify", "False", "Verify the certificate."),
            Url("host_with_protocol", "", "Address of the server."),
            Text("user", "User name.") with { MinimumLength = 3 },
            Secret("api_token", "API token.") with { MinimumLength = 40 },
            Text("source", "Name of the source.") with { MinimumLength = 3 },
            Word("minimum_impact", "none", ["none", "minor", "moderate", "major"], "Lowest impact to deliver.")),
        Product("logrhythm", "LogRhythm",
            new KeySchema { Name = "output_dir", Kind = ValueKind.OutputFolder, Description = "Folder of the lists." }),
        Product("tipping_point_ips", "TippingPoint",
            Flag("ssl_verify", "False", "Verify the certificate."),
            Url("host_with_protocol", "", "Address of the SMS."),
            Text("user", "User name.") with { MinimumLength = 3 },
            Secret("pass", "Password.") with { MinimumLength = 8 },
            Flag("impact_major", "True", "Deliver major."),
            Flag("impact_moderate", "True", "Deliver moderate."),
            Flag("impact_minor", "False", "Deliver minor."),
            Flag("impact_none", "False", "Deliver none.")),
        Product("qradar_siem", "QRadar",
            new KeySchema { Name = "json_output_dir", Kind = ValueKind.OutputFolder, Description = "Folder of the lists." }),
        Product("threatconnect", "ThreatConnect",
            Text("api_default_org", "Owner."),
            Url("api_base_url", "", "Address of the API."),
            Text("threatconnect_group", "Threat or Incident."),
            new KeySchema { Name = "threatconnect_log_file", Kind = ValueKind.OutputFile, Description = "Log of older versions." },
            Text("threatconnect_log_level", "Log level of older versions."),
            Secret("tc_token", "Token.")),
        Product("splunk_hec", "Splunk",
            Secret("token", "Token of the HTTP event collector."),
            Url("event_url", "", "Address of the HTTP event collector."),
            Flag("verify_splunk_ssl", "True", "Verify the certificate."),
            Flag("json_raw", "1", "Send threats."),
            Flag("json_blockset", "0", "Send block entries."),
            Flag("json_executableset", "0", "Send files."),
            Flag("json_senderemailset", "0", "Send senders."),
            Flag("json_sendersubjectset", "0", "Send subjects.")),
        Product("splunk_brandintelligence", "Splunk, brand intelligence",
            Text("checkpoint_dir", "Setting of the Splunk app."),
            Text("input_name", "Setting of the Splunk app."),
            Flag("output_action_urls", "False", "Send action URLs."),
            Flag("output_reported_urls", "False", "Send reported URLs."),
            Flag("output_kits", "False", "Send kits."),
            Flag("output_kit_files", "False", "Send files of kits."),
            Flag("output_kit_file_emails", "False", "Send addresses in kits."),
            Flag("output_web_components", "False", "Send web components."),
            Flag("output_phish_url", "False", "Send phishing URLs.")),
        Product("splunk_intelligence", "Splunk, intelligence"),
        NewProduct("anomali_threatstream", "Anomali ThreatStream"),
        NewProduct("centripetal_networks", "Centripetal"),
        NewProduct("eclecticiq", "EclecticIQ"),
        NewProduct("fireeye_security_orchestrator", "FireEye Security Orchestrator"),
        NewProduct("paloalto_minemeld", "Palo Alto MineMeld"),
        NewProduct("phantom", "Phantom"),
        NewProduct("recorded_future", "Recorded Future"),
        NewProduct("threatquotient", "ThreatQuotient"),
    ];

    private static SectionSchema[] PlannedServices() =>
    [
        Planned("feed_store", "Store of the feeds of products."),
        Planned("feed_server", "Feeds over HTTP.", Flag("use", "False", "Serve feeds.")),
        Planned("taxii_server", "STIX over TAXII 2.1.", Flag("use", "False", "Serve TAXII.")),
    ];

    private static SectionSchema Product(string name, string title, params KeySchema[] keys) => new()
    {
        Name = $"integration_{name}",
        Description = $"{title}.",
        IsPlanned = true,
        Keys = [Flag("use", "False", $"Deliver threats to {title}."), CheckConfig(), .. keys],
    };

    private static SectionSchema NewProduct(string name, string title) =>
        Planned($"integration_{name}", $"{title}.", Flag("use", "False", $"Deliver threats to {title}."));

    private static SectionSchema Planned(string name, string description, params KeySchema[] keys) =>
        new() { Name = name, Description = description, IsPlanned = true, KnownIn = KnownIn.PowerShell, Keys = [.. keys.Select(Ours)] };
}
