using System.Globalization;
using System.Text.Json;

namespace PhishMe.Simulator.Generation;

/// <summary>Writes the objects that both products share.</summary>
internal static class DocumentParts
{
    public static void Feeds(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("feeds"u8);
        Feed(writer);
        writer.WriteEndArray();
    }

    public static void Feed(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id"u8, 23);
        writer.WriteStartObject("permissions"u8);
        writer.WriteBoolean("READ"u8, true);
        writer.WriteBoolean("WRITE"u8, false);
        writer.WriteBoolean("OWNER"u8, false);
        writer.WriteEndObject();
        writer.WriteString("displayName"u8, "Cofense"u8);
        writer.WriteEndObject();
    }

    /// <summary>A URL object. Hosts that are addresses have no domain.</summary>
    public static void Url(Utf8JsonWriter writer, in GeneratedUrl url, bool withUrl = true, string? severity = null)
    {
        writer.WriteStartObject();
        if (withUrl)
        {
            writer.WriteString("url"u8, url.Url);
        }

        if (url.Domain is not null)
        {
            writer.WriteString("domain"u8, url.Domain);
        }

        writer.WriteString("path"u8, url.Path);
        writer.WriteString("protocol"u8, url.Protocol);
        writer.WriteString("host"u8, url.Host);
        if (url.Query is not null)
        {
            writer.WriteString("query"u8, url.Query);
        }

        if (severity is not null)
        {
            writer.WriteString("urlSeverity"u8, severity);
            writer.WriteString("domainSeverity"u8, "Minor"u8);
        }

        writer.WriteEndObject();
    }

    public static void IpDetail(Utf8JsonWriter writer, ref SplitMix random, string ip, long lookupOn)
    {
        var place = random.Pick<(string Continent, string ContinentName, string Iso, string Name, string Sub, string SubName, string Zone, string Postal, string Lat, string Lon)>(
            Vocabulary.Places);
        writer.WriteStartObject("ipDetail"u8);
        writer.WriteString("ip"u8, ip);
        writer.WriteNumber("lookupOn"u8, lookupOn);

        // Raw, because 39.1620, 38.0 and 20 are three spellings that must survive.
        writer.WritePropertyName("latitude"u8);
        writer.WriteRawValue(place.Lat, skipInputValidation: true);
        writer.WritePropertyName("longitude"u8);
        writer.WriteRawValue(place.Lon, skipInputValidation: true);
        writer.WriteNumber("metroCode"u8, random.Below(600));
        writer.WriteString("timeZone"u8, place.Zone);
        writer.WriteString("continentName"u8, place.ContinentName);
        writer.WriteString("continentCode"u8, place.Continent);
        writer.WriteString("countryName"u8, place.Name);
        writer.WriteString("countryIsoCode"u8, place.Iso);
        if (place.SubName.Length > 0)
        {
            writer.WriteString("subdivisionName"u8, place.SubName);
            writer.WriteString("subdivisionIsoCode"u8, place.Sub);
            writer.WriteString("postalCode"u8, place.Postal);
        }

        if (random.Chance(85))
        {
            writer.WriteNumber("asn"u8, 64496 + random.Below(16));
            writer.WriteString("asnOrganization"u8, random.Chance(20) ? "Example & Sons <Hosting> AS" : "Example Hosting AS");
        }

        writer.WriteString("isp"u8, "Example Hosting"u8);
        writer.WriteString("organization"u8, "Example Hosting"u8);
        writer.WriteString("userType"u8, random.Chance(70) ? "hosting"u8 : "residential"u8);
        writer.WriteEndObject();
    }

    /// <summary>The hashes of a file; malware files spell their names with <c>Hex</c> at the end.</summary>
    public static void Hashes(Utf8JsonWriter writer, ref SplitMix random, bool hexNames, bool onlyMd5)
    {
        Hash(writer, ref random, hexNames ? "md5Hex"u8 : "md5"u8, 16);
        if (onlyMd5)
        {
            return;
        }

        Hash(writer, ref random, hexNames ? "sha1Hex"u8 : "sha1"u8, 20);
        Hash(writer, ref random, hexNames ? "sha224Hex"u8 : "sha224"u8, 28);
        if (!random.Chance(5))
        {
            Hash(writer, ref random, hexNames ? "sha256Hex"u8 : "sha256"u8, 32);
        }

        Hash(writer, ref random, hexNames ? "sha384Hex"u8 : "sha384"u8, 48);
        Hash(writer, ref random, hexNames ? "sha512Hex"u8 : "sha512"u8, 64);
    }

    public static void Language(Utf8JsonWriter writer, (string Iso, string Name, string Native, string Family) language)
    {
        writer.WriteStartObject("languageDefinition"u8);
        writer.WriteString("isoCode"u8, language.Iso);
        writer.WriteString("name"u8, language.Name);
        writer.WriteString("nativeName"u8, language.Native);
        writer.WriteString("family"u8, language.Family);
        writer.WriteEndObject();
    }

    /// <summary>An address of the three documentation networks.</summary>
    public static string Address(ref SplitMix random)
    {
        var net = random.Below(3) switch
        {
            0 => "192.0.2.",
            1 => "198.51.100.",
            _ => "203.0.113.",
        };
        return net + (1 + random.Below(254)).ToString(CultureInfo.InvariantCulture);
    }

    public static string Domain(ref SplitMix random) =>
        string.Create(CultureInfo.InvariantCulture,
            $"{random.Pick<string>(Vocabulary.DomainWords)}-{random.Below(0x1000000):x}.{random.Pick<string>(Vocabulary.Suffixes)}");

    private static void Hash(Utf8JsonWriter writer, ref SplitMix random, ReadOnlySpan<byte> name, int bytes)
    {
        const string Digits = "0123456789abcdef";
        Span<byte> hex = stackalloc byte[128];
        for (var i = 0; i < bytes * 2; i += 16)
        {
            var value = random.Next();
            for (var k = 0; k < 16 && i + k < bytes * 2; k++)
            {
                hex[i + k] = (byte)Digits[(int)(value & 0xF)];
                value >>= 4;
            }
        }

        writer.WriteString(name, hex[..(bytes * 2)]);
    }
}
