using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>
/// Random values, threats and damage, all from one seed. The seed is in every message; the environment variable PHISHME_SEED repeats a run.
/// </summary>
internal sealed class Randomness
{
    private static readonly string[] _pieces =
    [
        "a", "b", "Z", "0", "9", " ", "  ", "\t", "\n", "\r", "\r\n", "=", "\\", "|", "'", "\"", "\\'", "\\\\", "\\=", "]", "[", "(", ")", "&", "<", ">", "]]>",
        "&amp;", "%", "_", "*", ",", ";", ":", "/", "?", "#", "@", ".", "..", "[.]", "hxxp", "://", "http://", "ü", "ß", "–", "支払い", "한국어", "العربية", "😀", "𝒳",
        "\u0000", "\u0001", "\u001F", "\u007F", "\u0085", "\u2028", "\u2029", "\uFEFF", "\uFFFE", "\uFFFF", "\uE000", "externalId=1", " externalId=2 ",
        "deviceCustomDate1=3", "CEF:0|", "{", "}", "null", "--", "<!--", "xn--", "example", ".example", "e\u0301",
    ];

    private readonly Random _random;

    public Randomness(int? seed = null)
    {
        Seed = seed ?? (int.TryParse(
            Environment.GetEnvironmentVariable("PHISHME_SEED"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var given)
            ? given
            : Random.Shared.Next());
        _random = new Random(Seed);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"PHISHME_SEED={Seed}"));
    }

    public int Seed { get; }

    public int Next(int below) => _random.Next(below);

    public bool OneIn(int n) => _random.Next(n) == 0;

    public T Of<T>(params T[] items) => items[_random.Next(items.Length)];

    /// <summary>Text made of the characters that break formats.</summary>
    public string Nasty(int pieces = 12)
    {
        var text = new StringBuilder();
        for (var i = _random.Next(pieces + 1); i > 0; i--)
        {
            text.Append(Of(_pieces));
        }

        return text.ToString();
    }

    public string Hex(int length)
    {
        var text = new StringBuilder(length);
        for (var i = 0; i < length; i++)
        {
            text.Append("0123456789abcdef"[_random.Next(16)]);
        }

        return text.ToString();
    }

    public string Host() => $"{Of("login", "files", "a-b", "WWW", "bücher", "x")}{_random.Next(100)}.{Of("phish", "malware", "Sender")}.example";

    public string Value(IndicatorKind kind)
    {
        if (OneIn(4))
        {
            return Nasty();
        }

        var value = kind switch
        {
            IndicatorKind.IPv4 => $"{_random.Next(300)}.{_random.Next(256)}.{_random.Next(256)}.{_random.Next(256)}",
            IndicatorKind.IPv6 => $"2001:DB8::{_random.Next(0xFFFF):x}",
            IndicatorKind.Domain => Host(),
            IndicatorKind.Url => $"{Of("http", "https", "HXXP", "ftp")}://{Of(Host(), "192.0.2.7", "[2001:DB8::1]")}{Of("", ":80", ":8443")}{Of("", "/", "/p/?q=1&r='x'", "?", "/\\'")}{(OneIn(3) ? Nasty(4) : "")}",
            IndicatorKind.Email => $"{Of("a", "Drop.Box", "o'brien")}@{Host()}",
            IndicatorKind.Md5 => Hex(32),
            IndicatorKind.Sha1 => Hex(40),
            IndicatorKind.Sha224 => Hex(56),
            IndicatorKind.Sha256 => Hex(64),
            IndicatorKind.Sha384 => Hex(96),
            IndicatorKind.Sha512 => Hex(128),
            IndicatorKind.Ssdeep => $"{_random.Next(1, 9999)}:ab+/C:d",
            _ => Nasty(),
        };
        return OneIn(8) ? value.Replace(".", "[.]", StringComparison.Ordinal) : OneIn(8) ? value.ToUpperInvariant() : value;
    }

    /// <summary>A threat as the API would send it, every part of it present or absent by chance.</summary>
    public byte[] Threat()
    {
        var threat = OneIn(3) ? Phish() : Malware();
        foreach (var name in threat.Select(member => member.Key).Where(name => name is not ("id" or "threatType") && OneIn(12)).ToArray())
        {
            threat.Remove(name);
        }

        return JsonSerializer.SerializeToUtf8Bytes(threat);
    }

    /// <summary>Bytes with a few of them changed, taken away, doubled or cut off.</summary>
    public byte[] Damage(byte[] bytes)
    {
        List<byte> damaged = [.. bytes];
        for (var i = 1 + _random.Next(6); i > 0 && damaged.Count > 0; i--)
        {
            var at = _random.Next(damaged.Count);
            switch (_random.Next(6))
            {
                case 0: damaged[at] = (byte)_random.Next(256); break;
                case 1: damaged.RemoveAt(at); break;
                case 2: damaged.InsertRange(at, Encoding.UTF8.GetBytes(Of(_pieces))); break;
                case 3: damaged.RemoveRange(at, _random.Next(Math.Min(40, damaged.Count - at))); break;
                case 4: damaged.InsertRange(at, damaged.GetRange(at, _random.Next(Math.Min(60, damaged.Count - at)))); break;
                default:
                    if (OneIn(4))
                    {
                        damaged.RemoveRange(at, damaged.Count - at);
                    }
                    else
                    {
                        damaged[at] = (byte)"{}[]\",:\\0n<>&;/="[_random.Next(16)];
                    }

                    break;
            }
        }

        return [.. damaged];
    }

    private JsonObject Malware() => new()
    {
        ["id"] = _random.Next(1_000_000),
        ["threatType"] = "MALWARE",
        ["label"] = Nasty(),
        ["executiveSummary"] = Nasty(40),
        ["firstPublished"] = Time(),
        ["lastPublished"] = Time(),
        ["hasReport"] = OneIn(2),
        ["reportURL"] = Link(),
        ["apiReportURL"] = Link(),
        ["threatDetailURL"] = Link(),
        ["malwareFamilySet"] = List(2, Family),
        ["deliveryMechanisms"] = List(2, Mechanism),
        ["campaignBrandSet"] = List(3, () => new JsonObject { ["totalCount"] = 1, ["brand"] = Brand() }),
        ["blockSet"] = List(6, Block),
        ["executableSet"] = List(4, File),
        ["domainSet"] = List(2, () => new JsonObject { ["domain"] = Value(IndicatorKind.Domain) }),
        ["senderEmailSet"] = List(2, () => new JsonObject { ["senderEmail"] = Value(IndicatorKind.Email) }),
        ["senderIpSet"] = List(2, () => new JsonObject { ["ip"] = Value(IndicatorKind.IPv4) }),
        ["subjectSet"] = List(2, () => new JsonObject { ["subject"] = Nasty() }),
        ["spamUrlSet"] = List(2, () => new JsonObject { ["url_1"] = Url() }),
    };

    private JsonObject Phish() => new()
    {
        ["id"] = _random.Next(1_000_000),
        ["threatType"] = "PHISH",
        ["brands"] = List(3, Brand),
        ["firstDate"] = Time(),
        ["lastDate"] = Time(),
        ["title"] = Nasty(),
        ["phishingURL_1"] = Url(),
        ["reportedURLs_1"] = List(3, Url),
        ["actionURLs_1"] = List(3, Url),
        ["ipDetail"] = new JsonObject { ["ip"] = Value(Of(IndicatorKind.IPv4, IndicatorKind.IPv6)), ["asn"] = _random.Next(-5, 70000), ["asnOrganization"] = Nasty() },
        ["screenshot"] = new JsonObject { ["url"] = Link() },
        ["threatDetailURL"] = Link(),
        ["webComponents"] = List(3, () => Hashed(new JsonObject { ["resourceURL"] = Url(), ["fileName"] = Nasty(3), ["fileExtension"] = ".png", ["size"] = _random.Next(-9, 9999) }, "")),
        ["kits"] = List(2, () => Hashed(
            new JsonObject
            {
                ["kitName"] = Nasty(3),
                ["fileSize"] = _random.Next(-9, 9999),
                ["files"] = List(3, () => Hashed(
                    new JsonObject
                    {
                        ["fileName"] = Of("post.php", "x.", Nasty(3)),
                        ["path"] = Nasty(3),
                        ["size"] = _random.Next(-9, 9999),
                        ["emails"] = List(2, () => new JsonObject { ["email"] = Value(IndicatorKind.Email), ["obfuscationType"] = Of("plaintext", Nasty(2)) }),
                    },
                    "")),
            },
            "")),
    };

    private JsonObject Block()
    {
        (var type, var kind) = Of(
            ("Domain Name", IndicatorKind.Domain), ("IPv4 Address", IndicatorKind.IPv4), ("URL", IndicatorKind.Url), ("Email", IndicatorKind.Email), ("Other", IndicatorKind.Unknown));
        var block = new JsonObject
        {
            ["blockType"] = type,
            ["impact"] = Of("Major", "Moderate", "Minor", "None", "Medium", "odd"),
            ["confidence"] = _random.Next(0, 101),
            ["role"] = Of("C2", "Payload", "InfURL", "IDinfo", Nasty(3)),
            ["roleDescription"] = Of("Command and control location used by malware", Nasty()),
        };
        block["data_1"] = kind == IndicatorKind.Url && !OneIn(4) ? Url() : Value(kind);
        if (OneIn(3))
        {
            block["deliveryMechanism"] = Mechanism();
        }
        else
        {
            block["malwareFamily"] = Family();
        }

        return block;
    }

    private JsonObject File()
    {
        var file = new JsonObject
        {
            ["fileName"] = Of("a.exe", "支払い通知.exe", Nasty(4)),
            ["fileNameExtension"] = Of("exe", "doc", Nasty(2)),
            ["type"] = Of("Attachment", "Download", "Drop"),
            ["severityLevel"] = Of("Major", "Moderate", "Minor", "None"),
            ["malwareFamily"] = Family(),
        };
        return Hashed(file, "Hex");
    }

    private JsonObject Hashed(JsonObject target, string suffix)
    {
        foreach (var kind in (IndicatorKind[])[IndicatorKind.Md5, IndicatorKind.Sha1, IndicatorKind.Sha224, IndicatorKind.Sha256, IndicatorKind.Sha384, IndicatorKind.Sha512])
        {
            if (!OneIn(3))
            {
                target[kind.ToString().ToLowerInvariant() + suffix] = Value(kind);
            }
        }

        target["ssdeep"] = Value(IndicatorKind.Ssdeep);
        return target;
    }

    private JsonObject Url()
    {
        var url = new JsonObject { ["url"] = Value(IndicatorKind.Url) };
        if (OneIn(2))
        {
            url["host"] = Host();
            url["domain"] = "phish.example";
        }

        return url;
    }

    private JsonObject Family() => new() { ["familyName"] = Of("Sample Keylogger", "Demo RAT", "A'B\\C <x>", Nasty(3)), ["description"] = Nasty() };

    private JsonObject Mechanism() => new() { ["mechanismName"] = Of("OfficeMacro", Nasty(3)), ["description"] = Nasty() };

    private JsonObject Brand() => new() { ["id"] = 1, ["text"] = Of("Example Bank", "None", "A | B = C", Nasty(4)) };

    private string Link() => Of("https://www.threathq.com/p42/search/default?m=1", "https://www.threathq.comthreatreport/x", "https://*****/x", Nasty());

    private long Time() => 1_500_000_000_000 + _random.NextInt64(300_000_000_000);

    private JsonArray List(int upTo, Func<JsonNode> item)
    {
        var list = new JsonArray();
        for (var i = _random.Next(upTo + 1); i > 0; i--)
        {
            list.Add(item());
        }

        if (list.Count > 0 && OneIn(6))
        {
            // The same again: seen in real answers.
            list.Add(list[0]!.DeepClone());
        }

        return list;
    }
}
