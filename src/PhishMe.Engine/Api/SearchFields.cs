using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Api;

/// <summary>What the properties of a <see cref="ThreatQuery"/> are called by the API (reference/api.md §3).</summary>
internal static class SearchFields
{
    /// <summary>As newer clients of the API write it.</summary>
    public const string WatchListEmail = "watchListEmail";

    /// <summary>As the vendor's documentation of 2017 writes it.</summary>
    public const string WatchListEmailOf2017 = "watchlistEmailAddress";

    /// <summary>The parameters, repeated ones several times; products, times and page are not among them.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(ThreatQuery query)
    {
        var fields = new List<KeyValuePair<string, string>>();
        One("threatNativeId", query.NativeId?.ToString(CultureInfo.InvariantCulture));
        One("extractedString", query.ExtractedString);
        One("malwareSenderName", query.SenderName);
        One("malwareSubject", query.Subject);
        Many("malwareSenderIp", query.SenderIp);
        One("malwareFamily", query.Family);
        Many("malwareFile", query.ArtifactName);
        Many("malwareArtifactMD5", query.ArtifactMd5);
        Many("malwareDomain", query.SenderDomain);
        Many("malwareWatchListDomain", query.WatchListDomain);
        Many("malwareWatchListIp", query.WatchListIp);
        Many("malwareWatchListUrlSearch", query.WatchListUrl);
        Many(WatchListEmail, query.WatchListEmail);
        One("phishingASN", query.HostingAsn?.ToString(CultureInfo.InvariantCulture));
        One("phishingASNCountryCode", query.HostingCountry);
        One("phishingASNOrganization", query.HostingOrganization);
        Many("phishingTitle", query.PageTitle);
        Many("language", query.Language);
        Many("threatIp", query.HostingIp);
        Many("threatDomain", query.PhishDomain);
        Many("threatUrlSearch", query.PhishUrl);
        Many("reportedDomain", query.ReportedDomain);
        Many("reportedUrlSearch", query.ReportedUrl);
        Many("actionDomain", query.ActionDomain);
        Many("actionUrlSearch", query.ActionUrl);
        One("dropMail", query.DropMail);
        One("hasKit", query.HasKit switch { true => "true", false => "false", null => null });
        Many("kitFile", query.KitName);
        Many("kitMD5", query.KitMd5);
        Many("webComponentFile", query.WebComponentName);
        Many("webComponentMD5", query.WebComponentMd5);
        Many("brand", query.Brand);
        Many("ip", query.Ip);
        Many("domain", query.Domain);
        Many("file", query.FileName);
        Many("allMD5", query.Md5);
        One("allHash", query.Hash);
        One("urlSearch", query.Url);
        return fields;

        void One(string name, string? value)
        {
            if (!string.IsNullOrWhiteSpace(value))
            {
                fields.Add(new(name, value));
            }
        }

        void Many(string name, IReadOnlyList<string> values)
        {
            foreach (var value in values)
            {
                One(name, value);
            }
        }
    }

    /// <summary>The same parameters with the older spelling of the one whose spelling is not certain; null when it is not among them.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>>? InOlderSpelling(IReadOnlyList<KeyValuePair<string, string>> fields) =>
        fields.Any(field => field.Key == WatchListEmail)
            ? [.. fields.Select(field => field.Key == WatchListEmail ? new(WatchListEmailOf2017, field.Value) : field)]
            : null;
}
