using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Configuration;

/// <summary>The sections and keys of config.ini that belong to no product: of the original in all its versions, and ours. Reading, checking, the sample
/// file and the documentation come from here and from the products.</summary>
internal static class ConfigurationSchema
{
    /// <summary>All sections: these and those of the products, in the order of the sample.</summary>
    internal static SectionCatalogue Of(IReadOnlyList<IProduct> products)
    {
        SectionSchema[] theirs = [.. products.SelectMany(product => product.Sections)];
        return new SectionCatalogue(
        [
            Api, Jitter(), Product(), Format(),
            .. theirs.Where(section => section.Format is not null),
            Log(), MetricsKeys.Section, FileLock(), StateKeys.Sqlite, StateKeys.Shared, Proxy(), Impact(), DeliveryKeys.Section,
            .. theirs.Where(section => section.Format is null),
            ServerKeys.Feed, ServerKeys.Taxii,
        ]);
    }

    /// <summary>[pm_api].</summary>
    public static SectionSchema Api { get; } = new()
    {
        Name = "pm_api",
        Description = "The API that the threats come from, and the credentials for it.",
        DeclareKeys = () =>
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
        DeclareKeys = () =>
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
        DeclareKeys = () =>
        [
            Flag("intelligence", "True", "Malware campaigns."),
            Flag("brand_intelligence", "True", "Phishing pages."),
        ],
    };

    private static SectionSchema Format() => new()
    {
        Name = "pm_format",
        Description = "What the original downloads. Here the outputs in use decide; a difference is reported.",
        DeclareKeys = () =>
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
        DeclareKeys = () =>
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
        DeclareKeys = () =>
        [
            Flag("use", "False", "True: use lock_file. False: use the default path."),
            new() { Name = "lock_file", Kind = ValueKind.OutputFile,
                Description = "The lock file; it exists while a run is under way. Empty: <name of this file>.lock beside it." },
        ],
    };

    private static SectionSchema Proxy() => new()
    {
        Name = "local_proxy",
        Description = "The proxy to the API. If it is not in use there is no proxy, even if the environment names one.",
        DeclareKeys = () =>
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
            DeclareKeys = () =>
            [
                .. from name in (string[])["use", "major", "moderate", "minor", "none"]
                   select Flag(name, "False", "No effect.") with { IsIgnored = true, KnownIn = Since },
            ],
        };
    }
}
