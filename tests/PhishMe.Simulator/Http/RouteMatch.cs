using System.Globalization;
using PhishMe.Simulator.Catalog;

namespace PhishMe.Simulator.Http;

/// <summary>A request path taken apart.</summary>
internal readonly record struct RouteMatch(string Name, ThreatKey? Key = null, long? Number = null)
{
    public const string Unknown = "unknown";
    private const string Root = "/apiv1/";

    public static RouteMatch Of(string path, string method)
    {
        if (!path.StartsWith(Root, StringComparison.Ordinal))
        {
            return new RouteMatch(Unknown);
        }

        var parts = path[Root.Length..].TrimEnd('/').Split('/');
        return parts switch
        {
            ["feed"] => new RouteMatch("feed"),
            ["feed", var id] => Numbered("feed", id),
            ["threat", "search"] => new RouteMatch("search"),
            ["threat", "updates"] => new RouteMatch("updates"),
            ["threat", "phish"] when method == "POST" => new RouteMatch("submit"),
            ["threat", var type, var id] => Keyed("detail", type, id),
            ["t3", "cef"] => new RouteMatch("cef-window"),
            ["t3", "pdf"] => new RouteMatch("pdf-window"),
            ["t3", var type, var id, "cef" or "stix" or "html" or "pdf"] => Keyed(parts[3], type, id),
            ["screenshot", var id] => Numbered("screenshot", id),
            ["indicator", "search"] => new RouteMatch("indicator-search"),
            _ => new RouteMatch(Unknown),
        };
    }

    private static RouteMatch Numbered(string name, string id) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new RouteMatch(name, Number: number) : new RouteMatch(Unknown);

    private static RouteMatch Keyed(string name, string type, string id) =>
        type is "malware" or "phish" && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new RouteMatch(name, ThreatKey.Of(type, number))
            : new RouteMatch(Unknown);
}
