using System.Globalization;

namespace PhishMe.Torture.Comparing;

/// <summary>One kind of installation that both programs run.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="Sections">The sections of config.ini behind those of the API.</param>
internal sealed record ComparedLane(string Name, string Sections)
{
    /// <summary>Whether CEF goes to a collector. The rate of such a destination is limited, so these lanes get a tenth of the threats.</summary>
    public bool Syslog { get; init; }

    public static IReadOnlyList<ComparedLane> All { get; } =
    [
        new("JSON, CEF, STIX 1.1.1 of the API", Output("json") + Output("cef") + Output("stix")),
        new("CEF and STIX 1.1.1 rendered here, store", Output("json") + Output("cef", "source = local") + Output("stix", "source = local") + Store),
        new("STIX 2.1, store", Output("stix", "source = local", "version = 2.1") + Store),
        new("STIX 2.1 without store", Output("stix", "source = local", "version = 2.1")),
        new("legacy layout", Output("json", "layout = legacy") + Output("cef", "layout = legacy", "source = local") + Output("stix", "layout = legacy", "source = local")),
        new("CEF to a collector", Output("json") + Output("cef", "append_file_use = False", "multiple_file_use = False")) { Syslog = true },
        new("CEF rendered here to a collector, store", Output("cef", "source = local") + Store) { Syslog = true },
    ];

    private const string Store = "\n[local_sqlite]\nuse = True\n";

    /// <summary>The configuration of this lane.</summary>
    public string Configuration(Uri api, string user, string password, DateOnly begin, string collector) => string.Create(CultureInfo.InvariantCulture, $"""
        [pm_api]
        base_url = {api}
        user = {user}
        pass = {password}
        position =
        init_date = {begin:yyyy-MM-dd}
        expired_threat_days = 3650
        results_per_page = 100
        concurrent_requests = 16
        requests_per_second = 10000

        [pm_product]
        intelligence = True
        brand_intelligence = True

        {Sections}
        """).Replace("[integration_raw_cef]", "[integration_raw_cef]\n" + collector, StringComparison.Ordinal);

    private static string Output(string format, params string[] keys)
    {
        var lines = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["use"] = "True",
            ["append_file_use"] = "True",
            ["append_file_location"] = "all." + format,
            ["multiple_file_use"] = "True",
            ["multiple_file_location"] = format,
            ["multiple_file_split_by_date"] = "True",
        };
        foreach (var key in keys)
        {
            var at = key.IndexOf('=', StringComparison.Ordinal);
            lines[key[..at].Trim()] = key[(at + 1)..].Trim();
        }

        return $"\n[integration_raw_{format}]\n{string.Concat(lines.Select(line => $"{line.Key} = {line.Value}\n"))}";
    }
}
