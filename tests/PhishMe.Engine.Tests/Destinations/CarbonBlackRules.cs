using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>The rules of a Carbon Black feed, and the seconds that the public validator does not look at.</summary>
internal static partial class CarbonBlackRules
{
    private static readonly string[] _ofReport = ["id", "title", "link", "timestamp", "score", "iocs", "tags", "description"];
    private static readonly string[] _ofInfo =
        ["name", "display_name", "provider_url", "summary", "tech_data", "icon", "icon_small", "category", "version"];

    public static void Check(string feed)
    {
        using var document = JsonDocument.Parse(feed);
        var root = document.RootElement;
        Assert.Equal(["feedinfo", "reports"], root.EnumerateObject().Select(property => property.Name));
        var info = root.GetProperty("feedinfo");
        Assert.All(_ofInfo.Take(5), name => Assert.NotEmpty(info.GetProperty(name).GetString()!));
        Assert.Matches("^[A-Za-z0-9]+$", info.GetProperty("name").GetString());
        Assert.Empty(info.EnumerateObject().Select(property => property.Name).Except(_ofInfo));
        var ids = new HashSet<string>();
        foreach (var report in root.GetProperty("reports").EnumerateArray())
        {
            Check(report);
            Assert.True(ids.Add(report.GetProperty("id").GetString()!));
        }
    }

    private static void Check(JsonElement report)
    {
        Assert.Empty(report.EnumerateObject().Select(property => property.Name).Except(_ofReport));
        Assert.Matches("^[A-Za-z0-9_.-]+$", report.GetProperty("id").GetString());
        Assert.NotEmpty(report.GetProperty("title").GetString()!);
        Assert.True(Uri.TryCreate(report.GetProperty("link").GetString(), UriKind.Absolute, out _));
        Assert.InRange(report.GetProperty("score").GetInt32(), 0, 100);
        Assert.Matches("^[0-9]{9,10}$", report.GetProperty("timestamp").GetRawText());
        Assert.All(
            report.TryGetProperty("tags", out var tags) ? tags.EnumerateArray().Select(tag => tag.GetString()!) : [], tag => Assert.Matches("^[a-z0-9]{1,32}$", tag));
        var values = 0;
        foreach (var list in report.GetProperty("iocs").EnumerateObject())
        {
            foreach (var value in list.Value.EnumerateArray().Select(item => item.GetString()!))
            {
                values++;
                Assert.True(Fits(list.Name, value), $"{list.Name} {value}");
            }
        }

        Assert.True(values > 0, "an empty report");
    }

    private static bool Fits(string list, string value) => list switch
    {
        "md5" => Md5().IsMatch(value),
        "sha256" => Sha256().IsMatch(value),
        "ipv4" => IPAddress.TryParse(value, out var address) && address.ToString() == value
            && !Array.Exists(_private, network => network.Contains(address)),
        "dns" => Dns().IsMatch(value),
        _ => false,
    };

    private static readonly IPNetwork[] _private =
        [.. new[] { "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3" }.Select(network => IPNetwork.Parse(network))];

    [GeneratedRegex("^[0-9a-f]{32}$")]
    private static partial Regex Md5();

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex Sha256();

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,62}(\\.[a-z0-9][a-z0-9-]{0,62})+$")]
    private static partial Regex Dns();
}
