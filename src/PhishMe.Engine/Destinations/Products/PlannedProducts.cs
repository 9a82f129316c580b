using PhishMe.Engine.Configuration;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// Products and services of the original that are not implemented yet: their sections are accepted, so that old files work, and deliver nothing. A product
/// that is made declares the same section itself and takes its place.
/// </summary>
internal sealed class PlannedProducts : IProduct
{
    public IReadOnlyList<SectionSchema> Sections { get; } = [.. Products(), .. PlannedServices()];

    public IReadOnlyList<Destination> Read(ProductSettings settings) => [];

    private static SectionSchema[] Products() =>
    [
        Product("arcsight", "ArcSight"),
        Product("mcafee_siem", "McAfee SIEM"),
        Product("carbon_black", "Carbon Black", () =>
        [
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
            Text("excluded_md5", "JSON array of MD5 hashes.") with { Default = "[]" },
        ]),
        Product("crits", "CRITs", () =>
        [
            Flag("ssl_verify", "False", "Verify the certificate."),
            Url("host_with_protocol", "", "Address of the server."),
            Text("user", "User name.") with { MinimumLength = 3 },
            Secret("api_token", "API token.") with { MinimumLength = 40 },
            Text("source", "Name of the source.") with { MinimumLength = 3 },
            Word("minimum_impact", "none", ["none", "minor", "moderate", "major"], "Lowest impact to deliver."),
        ]),
        Product("logrhythm", "LogRhythm", () =>
        [
            new KeySchema { Name = "output_dir", Kind = ValueKind.OutputFolder, Description = "Folder of the lists." },
        ]),
        Product("tipping_point_ips", "TippingPoint", () =>
        [
            Flag("ssl_verify", "False", "Verify the certificate."),
            Url("host_with_protocol", "", "Address of the SMS."),
            Text("user", "User name.") with { MinimumLength = 3 },
            Secret("pass", "Password.") with { MinimumLength = 8 },
            Flag("impact_major", "True", "Deliver major."),
            Flag("impact_moderate", "True", "Deliver moderate."),
            Flag("impact_minor", "False", "Deliver minor."),
            Flag("impact_none", "False", "Deliver none."),
        ]),
        Product("qradar_siem", "QRadar", () =>
        [
            new KeySchema { Name = "json_output_dir", Kind = ValueKind.OutputFolder, Description = "Folder of the lists." },
        ]),
        Product("threatconnect", "ThreatConnect", () =>
        [
            Text("api_default_org", "Owner."),
            Url("api_base_url", "", "Address of the API."),
            Text("threatconnect_group", "Threat or Incident."),
            new KeySchema { Name = "threatconnect_log_file", Kind = ValueKind.OutputFile, Description = "Log of older versions." },
            Text("threatconnect_log_level", "Log level of older versions."),
            Secret("tc_token", "Token."),
        ]),
        Product("splunk_hec", "Splunk", () =>
        [
            Secret("token", "Token of the HTTP event collector."),
            Url("event_url", "", "Address of the HTTP event collector."),
            Flag("verify_splunk_ssl", "True", "Verify the certificate."),
            Flag("json_raw", "1", "Send threats."),
            Flag("json_blockset", "0", "Send block entries."),
            Flag("json_executableset", "0", "Send files."),
            Flag("json_senderemailset", "0", "Send senders."),
            Flag("json_sendersubjectset", "0", "Send subjects."),
        ]),
        Product("splunk_brandintelligence", "Splunk, brand intelligence", () =>
        [
            Text("checkpoint_dir", "Setting of the Splunk app."),
            Text("input_name", "Setting of the Splunk app."),
            Flag("output_action_urls", "False", "Send action URLs."),
            Flag("output_reported_urls", "False", "Send reported URLs."),
            Flag("output_kits", "False", "Send kits."),
            Flag("output_kit_files", "False", "Send files of kits."),
            Flag("output_kit_file_emails", "False", "Send addresses in kits."),
            Flag("output_web_components", "False", "Send web components."),
            Flag("output_phish_url", "False", "Send phishing URLs."),
        ]),
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
        Planned("feed_server", "Feeds over HTTP.", () => Flag("use", "False", "Serve feeds.")),
        Planned("taxii_server", "STIX over TAXII 2.1.", () => Flag("use", "False", "Serve TAXII.")),
    ];

    private static SectionSchema Product(string name, string title, Func<KeySchema[]>? keys = null) => new()
    {
        Name = $"integration_{name}",
        Description = $"{title}.",
        IsPlanned = true,
        DeclareKeys = () => [Flag("use", "False", $"Deliver threats to {title}."), CheckConfig(), .. keys?.Invoke() ?? []],
    };

    private static SectionSchema NewProduct(string name, string title) =>
        Planned($"integration_{name}", $"{title}.", () => Flag("use", "False", $"Deliver threats to {title}."));

    private static SectionSchema Planned(string name, string description, Func<KeySchema>? key = null) =>
        new() { Name = name, Description = description, IsPlanned = true, KnownIn = KnownIn.PowerShell, DeclareKeys = () => key is null ? [] : [Ours(key())] };
}
