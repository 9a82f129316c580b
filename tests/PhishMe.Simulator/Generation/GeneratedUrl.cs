using System.Globalization;

namespace PhishMe.Simulator.Generation;

internal readonly record struct GeneratedUrl(string Protocol, string Host, string? Domain, string Path, string? Query)
{
    public string Url => Query is null ? $"{Protocol}://{Host}{Path}" : $"{Protocol}://{Host}{Path}?{Query}";

    /// <summary>A URL on an example domain, or with an address as host.</summary>
    public static GeneratedUrl Draw(ref SplitMix random, bool addressHost)
    {
        var protocol = random.Chance(60) ? "https" : "http";
        var path = random.Below(5) switch
        {
            0 => "/",
            1 => "/get.php",
            2 => string.Create(CultureInfo.InvariantCulture, $"/wp-content/{random.Below(0x1000000):x}/index.html"),
            3 => "/müller/straße",
            _ => string.Create(CultureInfo.InvariantCulture, $"/u/{random.Below(100000)}"),
        };
        var query = random.Chance(30) ? string.Create(CultureInfo.InvariantCulture, $"id={random.Below(1000)}&t=a") : null;
        if (addressHost)
        {
            return new GeneratedUrl(protocol, DocumentParts.Address(ref random), Domain: null, path, query);
        }

        var domain = DocumentParts.Domain(ref random);
        var host = random.Chance(70) ? random.Pick<string>(Vocabulary.HostWords) + "." + domain : domain;
        return new GeneratedUrl(protocol, host, domain, path, query);
    }

    public GeneratedUrl Beside(string path) => this with { Path = path, Query = null };
}
