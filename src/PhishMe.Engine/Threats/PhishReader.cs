using System.Text.Json;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;
using static PhishMe.Engine.Threats.ThreatParts;

namespace PhishMe.Engine.Threats;

/// <summary>Reads a phishing page (reference/threat.md §3).</summary>
internal static class PhishReader
{
    private const string PhishRole = "Phish";

    public static Threat Read(ThreatId id, JsonElement root, ReadOnlyMemory<byte> json, bool withdrawn)
    {
        var first = root.Get("firstDate"u8).Time();
        var last = root.Get("lastDate"u8).Time() ?? first;
        var detail = root.Get("threatDetailURL"u8).Words();
        var brands = new List<string>();
        foreach (var item in root.Get("brands"u8).Items())
        {
            AddBrand(brands, item);
        }

        var languages = new List<string>();
        AddOnce(languages, root.Get("language"u8).Get("languageDefinition"u8).Get("isoCode"u8).Words());

        var page = UrlOf(root.Get("phishingURL_1"u8)) ?? UrlOf(root.Get("phishingURL"u8));
        var reported = Urls(root.Get("reportedURLs_1"u8), root.Get("reportedURLs"u8));
        var actions = Urls(root.Get("actionURLs_1"u8), root.Get("actionURLs"u8));
        var hosting = IpDetailOf(root.Get("ipDetail"u8));
        var kits = ReadKits(root.Get("kits"u8));
        var components = ReadComponents(root.Get("webComponents"u8));
        var screenshot = root.Get("screenshot"u8);
        var title = root.Get("title"u8).Words();

        var context = new IndicatorContext(id, first, last, brands.Count == 0 ? null : string.Join("; ", brands), detail);
        var indicators = new List<Indicator>();
        if (page is not null)
        {
            indicators.Add(context.Phish(IndicatorSource.PhishingUrl, IndicatorKind.Url, page.Url));
            AddHost(page, hosting, context, indicators);
        }

        if (hosting?.Ip is { } ip)
        {
            indicators.Add(context.Phish(IndicatorSource.Hosting, IndicatorKind.IPv4, ip) with { IpDetail = hosting });
        }

        foreach (var url in reported)
        {
            indicators.Add(context.Phish(IndicatorSource.ReportedUrl, IndicatorKind.Url, url.Url));
        }

        foreach (var url in actions)
        {
            indicators.Add(context.Phish(IndicatorSource.ActionUrl, IndicatorKind.Url, url.Url));
        }

        AddKits(kits, context, indicators);
        foreach (var component in components)
        {
            var pattern = context.Corollary(IndicatorSource.WebComponent, IndicatorKind.Unknown, "") with { Role = PhishRole, FileName = component.FileName };
            if (component.Url is { } url)
            {
                indicators.Add(pattern with
                {
                    Kind = IndicatorKind.Url,
                    Value = url.Url,
                    NormalizedValue = IndicatorNormalizer.Normalize(IndicatorKind.Url, url.Url),
                });
            }

            AddHashes(component.Hashes, indicators, pattern);
        }

        return new Threat
        {
            Id = id,
            Label = title ?? (brands.Count > 0 ? brands[0] : null),
            FirstPublished = first,
            LastPublished = last,

            // The CEF feed gives every phish the highest severity (reference/cef.md §1.1).
            Impact = Impact.Major,
            Brands = brands,
            Languages = languages,
            Feeds = Strings(root.Get("feeds"u8), "displayName"u8),
            ThreatDetailUri = detail,
            Indicators = indicators,
            Title = title,
            Confirmed = root.Get("confirmedDate"u8).Time(),
            PhishingUrl = page,
            ReportedUrls = reported,
            ActionUrls = actions,
            IpDetail = hosting,
            ScreenshotUri = UrlOf(screenshot.Get("url_1"u8))?.Url ?? screenshot.Get("url"u8).Words() ?? screenshot.Words(),
            Kits = kits,
            WebComponents = components,
            Withdrawn = withdrawn || root.Get("deleted"u8).Flag(),
            Json = json,
        };
    }

    private static void AddHost(ThreatUrl page, IpDetail? hosting, IndicatorContext context, List<Indicator> indicators)
    {
        if (page.Host is not { } host)
        {
            return;
        }

        var kind = IndicatorKind.Domain;
        var normalized = IndicatorContext.Normalize(ref kind, host);
        if (kind != IndicatorKind.Domain)
        {
            // The same address again as hosting address would be one indicator twice.
            if (hosting?.Ip is null || IndicatorContext.Normalize(ref kind, hosting.Ip) != normalized)
            {
                indicators.Add(context.Phish(IndicatorSource.PhishingUrl, kind, host));
            }

            return;
        }

        indicators.Add(context.Phish(IndicatorSource.PhishingUrl, IndicatorKind.Domain, host));
        if (page.Domain is { } domain && IndicatorNormalizer.Normalize(IndicatorKind.Domain, domain) is { } registered && registered != normalized)
        {
            // Pages on shared hosters abuse a host below a harmless domain: good for correlation, never for blocking.
            indicators.Add(context.Phish(IndicatorSource.PhishingUrl, IndicatorKind.Domain, domain) with { Corollary = true, Impact = null });
        }
    }

    private static void AddKits(List<PhishKit> kits, IndicatorContext context, List<Indicator> indicators)
    {
        foreach (var kit in kits)
        {
            AddHashes(kit.Hashes, indicators, context.Phish(IndicatorSource.Kit, IndicatorKind.Unknown, "") with { FileName = kit.Name });
            foreach (var file in kit.Files)
            {
                var pattern = context.Corollary(IndicatorSource.KitFile, IndicatorKind.Unknown, "") with { Role = PhishRole, FileName = file.FileName };
                AddHashes(file.Hashes, indicators, pattern);
                foreach (var email in file.Emails)
                {
                    indicators.Add(context.Corollary(IndicatorSource.KitEmail, IndicatorKind.Email, email.Address) with
                    {
                        Role = PhishRole,
                        FileName = file.FileName,
                        Subclass = email.Obfuscation,
                    });
                }
            }
        }
    }

    private static List<PhishKit> ReadKits(JsonElement kits)
    {
        var result = new List<PhishKit>(kits.Count());
        foreach (var kit in kits.Items())
        {
            if (kit.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            var files = kit.Get("files"u8);
            var kitFiles = new List<KitFile>(files.Count());
            foreach (var file in files.Items())
            {
                if (file.ValueKind == JsonValueKind.Object)
                {
                    kitFiles.Add(new KitFile
                    {
                        FileName = file.Get("fileName"u8).Words(),
                        Path = file.Get("path"u8).Words(),
                        Size = file.Get("size"u8).Whole(),
                        Hashes = PlainHashes(file),
                        Emails = ReadEmails(file),
                    });
                }
            }

            result.Add(new PhishKit
            {
                Name = kit.Get("kitName"u8).Words(),
                Size = kit.Get("fileSize"u8).Whole(),
                Hashes = PlainHashes(kit),
                Files = kitFiles,
            });
        }

        return result;
    }

    private static List<KitEmail> ReadEmails(JsonElement file)
    {
        // The search table of 2017 calls the list 'observedEmails' (reference/threat.md §3).
        var emails = file.Get("emails"u8);
        emails = emails.ValueKind == JsonValueKind.Array ? emails : file.Get("observedEmails"u8);
        var result = new List<KitEmail>(emails.Count());
        foreach (var email in emails.Items())
        {
            if ((email.Get("email"u8).Words() ?? email.Words()) is { } address)
            {
                result.Add(new KitEmail { Address = address, Obfuscation = email.Get("obfuscationType"u8).Words() });
            }
        }

        return result;
    }

    private static List<WebComponent> ReadComponents(JsonElement components)
    {
        var result = new List<WebComponent>(components.Count());
        foreach (var component in components.Items())
        {
            if (component.ValueKind == JsonValueKind.Object)
            {
                result.Add(new WebComponent
                {
                    Url = UrlOf(component.Get("resourceURL"u8)),
                    FileName = component.Get("fileName"u8).Text(),
                    FileExtension = component.Get("fileExtension"u8).Words() ?? component.Get("fileNameExtension"u8).Words(),
                    Size = component.Get("size"u8).Whole() ?? component.Get("fileSize"u8).Whole(),
                    Hashes = PlainHashes(component),
                });
            }
        }

        return result;
    }
}
