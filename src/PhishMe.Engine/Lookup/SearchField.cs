using System.Text.Json;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>A parameter of the API's search (reference/api.md §3), answered from a stored threat.</summary>
/// <param name="Name">The API's name.</param>
/// <param name="Type">The product it belongs to; null for both.</param>
/// <param name="Match">How it is compared.</param>
/// <param name="Paths">Where the value stands; <c>**</c> is any place.</param>
internal sealed record SearchField(string Name, ThreatType? Type, FieldMatch Match, params string[] Paths)
{
    private const ThreatType Malware = ThreatType.Malware;
    private const ThreatType Phish = ThreatType.Phish;
    private const string Anywhere = "**";

    private static readonly SearchField[] _all =
    [
        new("extractedString", Malware, FieldMatch.Part, "extractedStringSet.data"),
        new("malwareSenderName", Malware, FieldMatch.Part, "senderNameSet.name"),
        new("malwareSubject", Malware, FieldMatch.Part, "subjectSet.subject"),
        new("malwareSenderIp", Malware, FieldMatch.Indexed, "senderIpSet.ip"),
        new("malwareFamily", Malware, FieldMatch.Whole, "malwareFamilySet.familyName"),
        new("malwareFile", Malware, FieldMatch.Whole, "executableSet.fileName"),
        new("malwareArtifactMD5", Malware, FieldMatch.Indexed, "executableSet.md5Hex"),
        new("malwareDomain", Malware, FieldMatch.Indexed, "domainSet.domain"),
        new("malwareWatchListDomain", Malware, FieldMatch.Whole, "blockSet.data_1.domain", "blockSet.data_1"),
        new("malwareWatchListIp", Malware, FieldMatch.Whole, "blockSet.ipDetail.ip", "blockSet.data_1"),
        new("malwareWatchListUrlSearch", Malware, FieldMatch.Url, "blockSet.data_1.url", "blockSet.data_1"),
        new("watchlistEmailAddress", Malware, FieldMatch.Indexed, "blockSet.data_1"),
        new("watchListEmail", Malware, FieldMatch.Indexed, "blockSet.data_1"),
        new("phishingASN", Phish, FieldMatch.Whole, "ipDetail.asn"),
        new("phishingASNCountryCode", Phish, FieldMatch.Whole, "ipDetail.countryIsoCode"),
        new("phishingASNOrganization", Phish, FieldMatch.Whole, "ipDetail.asnOrganization"),
        new("phishingTitle", Phish, FieldMatch.Part, "title"),
        new("language", Phish, FieldMatch.Whole, "language.languageDefinition.family"),
        new("threatIp", Phish, FieldMatch.Indexed, "ipDetail.ip"),
        new("threatDomain", Phish, FieldMatch.Whole, "phishingURL_1.domain"),
        new("threatUrlSearch", Phish, FieldMatch.Url, "phishingURL_1.url", "phishingURL"),
        new("reportedDomain", Phish, FieldMatch.Whole, "reportedURLs_1.domain"),
        new("reportedUrlSearch", Phish, FieldMatch.Url, "reportedURLs_1.url", "reportedURLs"),
        new("actionUrlSearch", Phish, FieldMatch.Url, "actionURLs_1.url", "actionURLs"),
        new("actionDomain", Phish, FieldMatch.Whole, "actionURLs_1.domain"),
        new("dropMail", Phish, FieldMatch.Indexed, "kits.files.emails.email", "kits.files.observedEmails.email"),
        new("hasKit", Phish, FieldMatch.Whole),
        new("kitFile", Phish, FieldMatch.Whole, "kits.kitName"),
        new("kitMD5", Phish, FieldMatch.Indexed, "kits.md5"),
        new("webComponentFile", Phish, FieldMatch.Url, "webComponents.resourceURL.url"),
        new("webComponentMD5", Phish, FieldMatch.Indexed, "webComponents.md5"),
        new("brand", null, FieldMatch.Whole, "campaignBrandSet.brand.text", "brands.text"),
        new("threatNativeId", null, FieldMatch.Whole, "id"),
        new("ip", null, FieldMatch.Whole, Anywhere),
        new("domain", null, FieldMatch.Whole, Anywhere),
        new("file", null, FieldMatch.Whole, Anywhere),
        new("allMD5", null, FieldMatch.Indexed, Anywhere),
        new("allHash", null, FieldMatch.Indexed, Anywhere),
        new("urlSearch", null, FieldMatch.Url, Anywhere),
    ];

    /// <exception cref="PhishMeException">There is no such field.</exception>
    public static SearchField Named(string name) =>
        Array.Find(_all, field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new PhishMeException(Faults.SearchFieldUnknown, $"The store has no search field '{name}'.");

    /// <summary>The normal forms under which the index may know a wanted value.</summary>
    public static IEnumerable<string> NormalForms(string wanted) =>
        LookupValue.Of(wanted) is { IsUnderstood: true, Text: var normal } && normal != wanted.Trim() ? [normal, wanted.Trim()] : [wanted.Trim()];

    /// <summary>Whether any of the wanted values stands in any of the fields.</summary>
    public bool Finds(ThreatId id, JsonElement threat, IReadOnlyList<string> wanted)
    {
        if (Type is ThreatType type && type != id.Type)
        {
            return false;
        }

        if (Paths.Length == 0)
        {
            var has = threat.Get("kits"u8).Count() > 0;
            return wanted.Any(value => value.Equals(has ? "true" : "false", StringComparison.OrdinalIgnoreCase));
        }

        return Array.Exists(Paths, path => path == Anywhere ? FindsBelow(threat, wanted) : FindsAt(threat, path, wanted));
    }

    private bool FindsAt(JsonElement element, ReadOnlySpan<char> path, IReadOnlyList<string> wanted)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.Items())
            {
                if (FindsAt(item, path, wanted))
                {
                    return true;
                }
            }

            return false;
        }

        if (path.IsEmpty)
        {
            return Equal(element, wanted);
        }

        var dot = path.IndexOf('.');
        Span<byte> name = stackalloc byte[64];
        var length = System.Text.Encoding.ASCII.GetBytes(dot < 0 ? path : path[..dot], name);
        return FindsAt(element.Get(name[..length]), dot < 0 ? default : path[(dot + 1)..], wanted);
    }

    private bool FindsBelow(JsonElement element, IReadOnlyList<string> wanted) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Any(member => FindsBelow(member.Value, wanted)),
        JsonValueKind.Array => element.EnumerateArray().Any(item => FindsBelow(item, wanted)),
        _ => Equal(element, wanted),
    };

    private bool Equal(JsonElement element, IReadOnlyList<string> wanted) =>
        element.ValueKind is JsonValueKind.String or JsonValueKind.Number && element.Text() is string text && wanted.Any(value => Equal(text, value));

    private bool Equal(string text, string wanted) => Match switch
    {
        FieldMatch.Part => text.Contains(wanted, StringComparison.OrdinalIgnoreCase),
        FieldMatch.Url when wanted is ['"', .. string whole, '"'] => text == whole,
        FieldMatch.Url => text.Contains("://", StringComparison.Ordinal) && text.Contains(wanted, StringComparison.OrdinalIgnoreCase),
        _ => text.Trim().Equals(wanted.Trim(), StringComparison.OrdinalIgnoreCase),
    };
}
