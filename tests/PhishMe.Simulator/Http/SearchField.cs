using System.Text.Json;
using PhishMe.Simulator.Catalog;

namespace PhishMe.Simulator.Http;

/// <summary>One search parameter that looks into the document of a threat.</summary>
internal sealed record SearchField(string Parameter, ThreatProduct? Product, SearchMatch Match, params string[] Paths)
{
    private const ThreatProduct Malware = ThreatProduct.Malware;
    private const ThreatProduct Phish = ThreatProduct.Phish;

    /// <summary>Every parameter of the search that names a field of the model.</summary>
    public static readonly SearchField[] All =
    [
        new("extractedString", Malware, SearchMatch.Contains, "extractedStringSet.data"),
        new("malwareSenderName", Malware, SearchMatch.Contains, "senderNameSet.name"),
        new("malwareSubject", Malware, SearchMatch.Contains, "subjectSet.subject"),
        new("malwareSenderIp", Malware, SearchMatch.Exact, "senderIpSet.ip"),
        new("malwareFamily", Malware, SearchMatch.Exact, "malwareFamilySet.familyName"),
        new("malwareFile", Malware, SearchMatch.Exact, "executableSet.fileName"),
        new("malwareArtifactMD5", Malware, SearchMatch.Exact, "executableSet.md5Hex"),
        new("malwareDomain", Malware, SearchMatch.Exact, "domainSet.domain"),
        new("malwareWatchListDomain", Malware, SearchMatch.Exact, "blockSet.data_1.domain", "blockSet.data_1"),
        new("malwareWatchListIp", Malware, SearchMatch.Exact, "blockSet.ipDetail.ip", "blockSet.data_1"),
        new("malwareWatchListUrlSearch", Malware, SearchMatch.Url, "blockSet.data_1.url", "blockSet.data_1"),
        new("watchlistEmailAddress", Malware, SearchMatch.Exact, "blockSet.data_1"),
        new("watchListEmail", Malware, SearchMatch.Exact, "blockSet.data_1"),
        new("phishingASN", Phish, SearchMatch.Exact, "ipDetail.asn"),
        new("phishingASNCountryCode", Phish, SearchMatch.Exact, "ipDetail.countryIsoCode"),
        new("phishingASNOrganization", Phish, SearchMatch.Exact, "ipDetail.asnOrganization"),
        new("phishingTitle", Phish, SearchMatch.Contains, "title"),
        new("language", Phish, SearchMatch.Exact, "language.languageDefinition.family"),
        new("threatIp", Phish, SearchMatch.Exact, "ipDetail.ip"),
        new("threatDomain", Phish, SearchMatch.Exact, "phishingURL_1.domain"),
        new("threatUrlSearch", Phish, SearchMatch.Url, "phishingURL_1.url", "phishingURL"),
        new("reportedDomain", Phish, SearchMatch.Exact, "reportedURLs_1.domain"),
        new("reportedUrlSearch", Phish, SearchMatch.Url, "reportedURLs_1.url", "reportedURLs"),
        new("actionUrlSearch", Phish, SearchMatch.Url, "actionURLs_1.url", "actionURLs"),
        new("actionDomain", Phish, SearchMatch.Exact, "actionURLs_1.domain"),
        new("dropMail", Phish, SearchMatch.Exact, "kits.files.emails.email", "kits.files.observedEmails.email"),
        new("kitFile", Phish, SearchMatch.Exact, "kits.kitName"),
        new("kitMD5", Phish, SearchMatch.Exact, "kits.md5"),
        new("webComponentFile", Phish, SearchMatch.Url, "webComponents.resourceURL.url"),
        new("webComponentMD5", Phish, SearchMatch.Exact, "webComponents.md5"),
        new("brand", null, SearchMatch.ExactCase, "campaignBrandSet.brand.text", "brands.text"),
        new("ip", null, SearchMatch.Exact, Anywhere),
        new("domain", null, SearchMatch.Exact, Anywhere),
        new("file", null, SearchMatch.Exact, Anywhere),
        new("allMD5", null, SearchMatch.Exact, Anywhere),
        new("allHash", null, SearchMatch.Exact, Anywhere),
        new("urlSearch", null, SearchMatch.AnyUrl, Anywhere),
    ];

    private const string Anywhere = "**";

    /// <summary>Whether any of the wanted values stands in any of the fields.</summary>
    public bool Finds(ThreatKey key, JsonElement threat, IReadOnlyList<string> wanted)
    {
        if (Product is { } product && product != key.Product)
        {
            return false;
        }

        foreach (var path in Paths)
        {
            if (path == Anywhere ? FindsBelow(threat, wanted) : FindsAt(threat, path.Split('.'), wanted))
            {
                return true;
            }
        }

        return false;
    }

    private bool FindsAt(JsonElement element, ReadOnlySpan<string> path, IReadOnlyList<string> wanted)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                if (FindsAt(item, path, wanted))
                {
                    return true;
                }
            }

            return false;
        }

        return path.Length == 0
            ? Equal(element, wanted)
            : element.ValueKind == JsonValueKind.Object && element.TryGetProperty(path[0], out var child) && FindsAt(child, path[1..], wanted);
    }

    private bool FindsBelow(JsonElement element, IReadOnlyList<string> wanted) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Any(property => FindsBelow(property.Value, wanted)),
        JsonValueKind.Array => element.EnumerateArray().Any(item => FindsBelow(item, wanted)),
        _ => Equal(element, wanted),
    };

    private bool Equal(JsonElement value, IReadOnlyList<string> wanted)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };
        return text is not null && wanted.Any(value => Equal(text, value));
    }

    private bool Equal(string text, string wanted) => Match switch
    {
        SearchMatch.ExactCase => text.Equals(wanted, StringComparison.Ordinal),
        SearchMatch.Contains => text.Contains(wanted, StringComparison.OrdinalIgnoreCase),
        SearchMatch.Url => UrlMatches(text, wanted),
        SearchMatch.AnyUrl => text.Contains("://", StringComparison.Ordinal) && UrlMatches(text, wanted),
        _ => text.Equals(wanted, StringComparison.OrdinalIgnoreCase),
    };

    /// <summary>In double quotes the whole URL, otherwise a part of it.</summary>
    private static bool UrlMatches(string text, string wanted) =>
        wanted is ['"', .. var exact, '"'] ? text.Equals(exact, StringComparison.Ordinal) : text.Contains(wanted, StringComparison.OrdinalIgnoreCase);
}
