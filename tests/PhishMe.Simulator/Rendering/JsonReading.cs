using System.Globalization;
using System.Net;
using System.Text.Json;

namespace PhishMe.Simulator.Rendering;

/// <summary>Reads threats the way their drift demands: what is missing, null or of another kind is simply not there.</summary>
internal static class JsonReading
{
    private static readonly JsonElement[] None = [];

    public static JsonElement? Child(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var child) && child.ValueKind != JsonValueKind.Null
            ? child
            : null;

    public static JsonElement? Object(this JsonElement element, string name) =>
        element.Child(name) is { ValueKind: JsonValueKind.Object } child ? child : null;

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Child(name) is { ValueKind: JsonValueKind.Array } child ? child.EnumerateArray() : None;

    /// <summary>The text of a field; null also when it is empty.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.Child(name) is { ValueKind: JsonValueKind.String } child && child.GetString() is { Length: > 0 } text ? text : null;

    public static long? Number(this JsonElement element, string name) =>
        element.Child(name) is { ValueKind: JsonValueKind.Number } child && child.TryGetInt64(out var number) ? number : null;

    /// <summary>The value of a watch-list entry: the twin of the schema before the deprecated one, and never only the first of the two.</summary>
    public static string? WatchlistValue(this JsonElement block) =>
        block.Child("data_1") switch
        {
            { ValueKind: JsonValueKind.String } text when text.GetString() is { Length: > 0 } value => value,
            { ValueKind: JsonValueKind.Object } url when url.Text("url") is { } value => value,
            _ => block.Text("data"),
        };

    /// <summary>Family or, in its place, delivery mechanism of an indicator or a file.</summary>
    public static (string Name, string? Description)? Owner(this JsonElement element) =>
        element.Object("malwareFamily") is { } family && family.Text("familyName") is { } name ? (name, family.Text("description"))
        : element.Object("deliveryMechanism") is { } mechanism && mechanism.Text("mechanismName") is { } technique ? (technique, mechanism.Text("description"))
        : null;

    /// <summary>The spoofed brands of either product; "None" is how the server says that there is none.</summary>
    public static string? Brands(this JsonElement threat)
    {
        var names = threat.Items("brands").Select(brand => brand.Text("text"))
            .Concat(threat.Items("campaignBrandSet").Select(item => item.Object("brand")?.Text("text")));
        var joined = string.Join(", ", names.Where(name => name is not null and not "None").Distinct(StringComparer.Ordinal));
        return joined.Length == 0 ? null : joined;
    }

    public static string? Families(this JsonElement threat)
    {
        var joined = string.Join(", ", threat.Items("malwareFamilySet").Select(family => family.Text("familyName")).Where(name => name is not null));
        return joined.Length == 0 ? null : joined;
    }

    /// <summary>URL, host and domain of a field with or without <c>_1</c> twin.</summary>
    public static (string? Url, string? Host, string? Domain) Page(this JsonElement threat, string name)
    {
        var twin = threat.Object(name + "_1");
        var url = twin?.Text("url") ?? threat.Text(name);
        var host = twin?.Text("host") ?? (Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Host.Length > 0 ? parsed.Host : null);
        return (url, host, twin?.Text("domain"));
    }

    public static IEnumerable<string> Urls(this JsonElement threat, string name)
    {
        var twins = threat.Items(name + "_1").Select(url => url.Text("url"));
        var plain = threat.Items(name).Select(url => url.ValueKind == JsonValueKind.String ? url.GetString() : null);
        return twins.Concat(plain).Where(url => !string.IsNullOrEmpty(url)).Select(url => url!).Distinct(StringComparer.Ordinal);
    }

    public static bool IsIPv4(string text) =>
        text.Count('.') == 3 && IPAddress.TryParse(text, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;

    public static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);
}
