using System.Buffers;
using System.Text;
using System.Text.Json;
using PhishMe.Simulator.Catalog;
using PhishMe.Simulator.Generation;

namespace PhishMe.Simulator.Rendering;

/// <summary>Renders a threat as the CEF lines of the feed: one per indicator or file of a malware threat, one per phish.</summary>
internal sealed class CefRenderer(string vendor)
{
    private const byte LineFeed = (byte)'\n';

    /// <summary>Writes the lines of a threat, separated by line feeds, without one at the end.</summary>
    /// <returns>The number of lines.</returns>
    public int Write(ThreatKey key, ReadOnlyMemory<byte> document, IBufferWriter<byte> output)
    {
        using var parsed = JsonDocument.Parse(document, DocumentEditor.Deep);
        var lines = 0;
        var rendered = key.Product == ThreatProduct.Malware ? Malware(key, parsed.RootElement) : [Phish(key, parsed.RootElement)];
        foreach (var line in rendered)
        {
            if (lines++ > 0)
            {
                output.Write([LineFeed]);
            }

            Encoding.UTF8.GetBytes(line, output);
        }

        return lines;
    }

    private static void Pair(StringBuilder line, string key, string? value)
    {
        var trimmed = value?.Trim();
        if (string.IsNullOrEmpty(trimmed))
        {
            return;
        }

        if (line[^1] != '|')
        {
            line.Append(' ');
        }

        line.Append(key).Append('=');
        foreach (var c in trimmed)
        {
            _ = c switch
            {
                '\\' => line.Append(@"\\"),
                '=' => line.Append(@"\="),
                '\n' => line.Append(@"\n"),
                '\r' => line.Append(@"\r"),
                _ => line.Append(c),
            };
        }
    }

    /// <summary>A custom field and its label; neither when there is no value.</summary>
    private static void Labelled(StringBuilder line, string key, string label, string? value)
    {
        if (!string.IsNullOrWhiteSpace(value))
        {
            Pair(line, key + "Label", label);
            Pair(line, key, value);
        }
    }

    private static int Severity(string? impact) => impact switch
    {
        "Major" => 10,
        "Moderate" or "Medium" => 7,
        "Minor" => 4,
        "None" => 0,

        // Not rated is not harmless: the middle.
        _ => 5,
    };

    /// <summary>The vendor's four words; newer answers write Medium for Moderate (reference/threat.md §4).</summary>
    private static string? Word(string? impact) => impact == "Medium" ? "Moderate" : impact;

    private IEnumerable<string> Malware(ThreatKey key, JsonElement threat)
    {
        var shared = new SharedFields(
            key.Id, threat.Number("firstPublished"), threat.Families(), threat.Brands(), threat.Text("threatDetailURL"),
            threat.Child("hasReport") is { ValueKind: JsonValueKind.False } ? null : threat.Text("reportURL"));

        foreach (var block in threat.Items("blockSet"))
        {
            var value = block.WatchlistValue();
            var line = block.Text("blockType") switch
            {
                _ when value is null => null,
                "URL" => Indicator(shared, block, "watchlist_url", "Watchlist URL", address: null, ("Watchlist URL", value)),
                "Domain Name" => Indicator(shared, block, "watchlist_domain", "Watchlist Domain", address: null, ("Watchlist Domain", value)),
                "IPv4 Address" => Indicator(shared, block, "watchlist_ip", "Watchlist IP", value, named: null),

                // No class is documented for mail addresses.
                _ => null,
            };
            if (line is not null)
            {
                yield return line;
            }
        }

        foreach (var file in threat.Items("executableSet"))
        {
            if ((file.Text("fileName") ?? file.Text("md5Hex") ?? file.Text("sha256Hex") ?? file.Text("sha1Hex")) is not null)
            {
                yield return File(shared, file);
            }
        }
    }

    private string Indicator(SharedFields shared, JsonElement block, string eventClass, string name, string? address, (string Label, string Value)? named)
    {
        var impact = Word(block.Text("impact"));
        var line = Start("Intelligence", eventClass, name, Severity(impact));
        Pair(line, "cat", impact);
        Identity(line, shared.Id, shared.First, "First Published");
        Pair(line, "dst", address);
        Labelled(line, "cs1", "Malware Family", block.Owner()?.Name ?? shared.Families);
        Labelled(line, "cs2", "Brand", shared.Brands);
        Labelled(line, "cs3", "Infrastructure Type", block.Text("role"));
        if (named is { } watched)
        {
            Labelled(line, "cs4", watched.Label, watched.Value);
        }

        Links(line, shared);
        return line.ToString();
    }

    private string File(SharedFields shared, JsonElement file)
    {
        // A file that is not rated counts as Major (reference/threat.md §6).
        var impact = Word(file.Text("severityLevel")) ?? "Major";
        var line = Start("Intelligence", "malicious_file", "Malicious File", Severity(impact));
        Pair(line, "cat", impact);
        Identity(line, shared.Id, shared.First, "First Published");
        Pair(line, "fname", file.Text("fileName"));
        Pair(line, "fileHash", file.Text("md5Hex") ?? file.Text("sha256Hex") ?? file.Text("sha1Hex"));
        Labelled(line, "cs1", "Malware Family", file.Owner()?.Name ?? shared.Families);
        Labelled(line, "cs2", "Brand", shared.Brands);
        Links(line, shared);
        return line.ToString();
    }

    private string Phish(ThreatKey key, JsonElement threat)
    {
        (var url, var host, var domain) = threat.Page("phishingURL");
        var addressHost = host is not null && JsonReading.IsIPv4(host);
        var screenshot = threat.Object("screenshot");
        var line = Start("Brand Intelligence", "phish_confirmed", "Phish Confirmed", severity: 10);
        Identity(line, key.Id, threat.Number("firstDate"), "First Seen");
        Pair(line, "dst", threat.Object("ipDetail")?.Text("ip") ?? (addressHost ? host : null));
        Pair(line, "dhost", addressHost ? null : host);
        Labelled(line, "cs2", "Brand", threat.Brands());
        Labelled(line, "cs3", "Phishing Domain", domain);
        Labelled(line, "cs4", "Phishing URL", url);
        Labelled(line, "cs5", "Threat Detail URL", threat.Text("threatDetailURL"));
        Labelled(line, "cs6", "Screenshot URL", screenshot?.Object("url_1")?.Text("url") ?? screenshot?.Text("url"));
        return line.ToString();
    }

    // Id and date come early: the original finds them only when white space follows.
    private static void Identity(StringBuilder line, long id, long? first, string label)
    {
        Pair(line, "externalId", JsonReading.Digits(id));
        if (first is { } date)
        {
            Pair(line, "deviceCustomDate1", JsonReading.Digits(date));
            Pair(line, "deviceCustomDate1Label", label);
        }
    }

    private static void Links(StringBuilder line, SharedFields shared)
    {
        Labelled(line, "cs5", "Threat Detail URL", shared.Detail);
        Labelled(line, "cs6", "Active Threat Report URL", shared.Report);
    }

    private StringBuilder Start(string product, string eventClass, string name, int severity)
    {
        var escaped = vendor.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("|", @"\|", StringComparison.Ordinal);
        return new StringBuilder(512).Append("CEF:0|").Append(escaped).Append('|').Append(product).Append("|1.0|").Append(eventClass).Append('|').Append(name)
            .Append('|').Append(JsonReading.Digits(severity)).Append('|');
    }

    private sealed record SharedFields(long Id, long? First, string? Families, string? Brands, string? Detail, string? Report);
}
