using System.Runtime.InteropServices;
using System.Text.Json;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>The parts that both products share: URLs, hashes, names and where an address is (reference/threat.md §1).</summary>
internal static class ThreatParts
{
    private const string NoBrand = "None";

    public static List<ThreatUrl> Urls(JsonElement twin, JsonElement plain)
    {
        // Either list alone has been documented; an empty twin beside a filled plain list says nothing.
        var list = twin.Count() > 0 ? twin : plain;
        var urls = new List<ThreatUrl>(list.Count());
        foreach (var item in list.Items())
        {
            if (UrlOf(item) is { } url)
            {
                urls.Add(url);
            }
        }

        return urls;
    }

    public static ThreatUrl? UrlOf(JsonElement element)
    {
        var text = element.ValueKind == JsonValueKind.Object ? element.Get("url"u8).Words() ?? Assembled(element) : element.Words();
        return text is null
            ? null
            : new ThreatUrl
            {
                Url = text,
                Host = element.Get("host"u8).Words() ?? IndicatorNormalizer.HostOf(text, out _),
                Domain = element.Get("domain"u8).Words(),
            };
    }

    public static string? Assembled(JsonElement url)
    {
        if ((url.Get("host"u8).Words() ?? url.Get("domain"u8).Words()) is not { } host)
        {
            return null;
        }

        var query = url.Get("query"u8).Words();
        return $"{url.Get("protocol"u8).Words() ?? "http"}://{host}{url.Get("path"u8).Words() ?? "/"}{(query is null ? "" : "?")}{query}";
    }

    public static IpDetail? IpDetailOf(JsonElement element) => element.ValueKind != JsonValueKind.Object
        ? null
        : new IpDetail
        {
            Ip = element.Get("ip"u8).Words(),
            Asn = element.Get("asn"u8).Whole(),
            AsnOrganization = element.Get("asnOrganization"u8).Words(),
            Isp = element.Get("isp"u8).Words(),
            Organization = element.Get("organization"u8).Words(),
            ContinentCode = element.Get("continentCode"u8).Words(),
            ContinentName = element.Get("continentName"u8).Words(),
            CountryIsoCode = element.Get("countryIsoCode"u8).Words(),
            CountryName = element.Get("countryName"u8).Words(),
            SubdivisionName = element.Get("subdivisionName"u8).Words(),
            SubdivisionIsoCode = element.Get("subdivisionIsoCode"u8).Words(),
            PostalCode = element.Get("postalCode"u8).Words(),
            MetroCode = element.Get("metroCode"u8).Whole(),
            TimeZone = element.Get("timeZone"u8).Words(),
            UserType = element.Get("userType"u8).Words(),
            Latitude = element.Get("latitude"u8).Number(),
            Longitude = element.Get("longitude"u8).Number(),
            LookupOn = element.Get("lookupOn"u8).Time(),
        };

    public static FileHashes PlainHashes(JsonElement element) => new()
    {
        Md5 = element.Get("md5"u8).Words(),
        Sha1 = element.Get("sha1"u8).Words(),
        Sha224 = element.Get("sha224"u8).Words(),
        Sha256 = element.Get("sha256"u8).Words(),
        Sha384 = element.Get("sha384"u8).Words(),
        Sha512 = element.Get("sha512"u8).Words(),
        Ssdeep = element.Get("ssdeep"u8).Words(),
    };

    public static void AddHashes(FileHashes hashes, List<Indicator> indicators, Indicator pattern)
    {
        for (var kind = IndicatorKind.Md5; kind <= IndicatorKind.Ssdeep; kind++)
        {
            if (hashes[kind] is { } value)
            {
                indicators.Add(pattern with { Kind = kind, Value = value, NormalizedValue = IndicatorNormalizer.Normalize(kind, value) });
            }
        }
    }

    // Name of a family or mechanism; notes what the vendor says about it.
    public static string? Named(JsonElement element, ReadOnlySpan<byte> member, Dictionary<string, string> glossary)
    {
        var name = element.Get(member).Words();
        if (name is not null)
        {
            ref var description = ref CollectionsMarshal.GetValueRefOrAddDefault(glossary, name, out var known);
            description = known && description!.Length > 0 ? description : element.Get("description"u8).Words() ?? "";
        }

        return name;
    }

    public static List<string> Strings(JsonElement list, ReadOnlySpan<byte> member)
    {
        var strings = new List<string>(list.Count());
        foreach (var item in list.Items())
        {
            AddOnce(strings, item.Get(member).Words());
        }

        return strings;
    }

    public static void AddBrand(List<string> brands, JsonElement brand)
    {
        if (brand.Get("text"u8).Words() is { } text && text != NoBrand)
        {
            AddOnce(brands, text);
        }
    }

    public static void AddOnce(List<string> list, string? value)
    {
        if (value is not null && !list.Contains(value))
        {
            list.Add(value);
        }
    }
}
