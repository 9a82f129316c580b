using System.Runtime.InteropServices;
using System.Text.Json;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>
/// Reads a threat from the JSON of the API (reference/threat.md §2 and §3). Missing, null and oddly typed members count as absent: real
/// answers lack most of what the vendor's schema requires. The <c>_1</c> twin of a member is preferred, the plain one is the fallback.
/// </summary>
public static class ThreatReader
{
    private const string NoBrand = "None";
    private const string PhishRole = "Phish";
    private const string RepurposedProgram = "Otherwise benign software application repurposed for use by malware";

    private static readonly JsonDocumentOptions _options = new() { MaxDepth = JsonDepth.MostOfThreat };

    /// <summary>Reads one bare threat object.</summary>
    /// <param name="json">The exact bytes received; the threat keeps them, so they must not be reused.</param>
    /// <param name="withdrawn">Whether the changelog said <c>deleted</c>.</param>
    /// <returns>The threat.</returns>
    /// <exception cref="PhishMeException">The bytes are no JSON object, or it has no usable id (<see cref="Faults.ApiAnswerInvalid"/>).</exception>
    public static Threat Read(ReadOnlyMemory<byte> json, bool withdrawn = false)
    {
        var text = json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text, _options);
        }
        catch (JsonException error)
        {
            throw new PhishMeException(Faults.ApiAnswerInvalid, "The text is not valid JSON.", innerException: error);
        }

        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new PhishMeException(Faults.ApiAnswerInvalid, $"A threat must be a JSON object, not {root.ValueKind}.");
            }

            var id = IdOf(root);
            return id.Type == ThreatType.Malware ? Malware(id, root, text, withdrawn) : Phish(id, root, text, withdrawn);
        }
    }

    /// <summary>Finds product and number of a threat without reading the rest.</summary>
    /// <param name="threat">The bare threat object.</param>
    /// <param name="id">The id.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryGetId(JsonElement threat, out ThreatId id)
    {
        id = default;
        var number = threat.Get("id"u8);
        if (number.Whole() is not ({ } value and >= 0))
        {
            // 'm_123' is how searches write it.
            return ThreatId.TryParse(number.Text(), null, out id);
        }

        if (TypeOf(threat) is not { } type)
        {
            return false;
        }

        id = new ThreatId(type, value);
        return true;
    }

    private static ThreatId IdOf(JsonElement root)
    {
        if (TryGetId(root, out var id))
        {
            return id;
        }

        var type = root.Get("threatType"u8).Words();
        throw new PhishMeException(
            Faults.ApiAnswerInvalid,
            type is null || root.Get("id"u8).Whole() is not >= 0
                ? "The threat has no usable id."
                : "The threat has a type that this version does not support.",
            type is null ? null : $"threatType {(type.Length > 40 ? type[..40] : type)}");
    }

    private static ThreatType? TypeOf(JsonElement threat)
    {
        if (threat.Get("threatType"u8).Words() is { } said)
        {
            var type = said.AsSpan().Trim();
            return type.Equals("malware", StringComparison.OrdinalIgnoreCase) ? ThreatType.Malware
                : type.Equals("phish", StringComparison.OrdinalIgnoreCase) ? ThreatType.Phish
                : null;
        }

        // Damaged records: what only one product has tells which it is.
        if (Has(threat, "blockSet"u8) || Has(threat, "executableSet"u8) || Has(threat, "malwareFamilySet"u8) || Has(threat, "firstPublished"u8))
        {
            return ThreatType.Malware;
        }

        return Has(threat, "phishingURL"u8) || Has(threat, "phishingURL_1"u8) || Has(threat, "reportedURLs_1"u8) || Has(threat, "firstDate"u8)
            ? ThreatType.Phish
            : null;

        static bool Has(JsonElement element, ReadOnlySpan<byte> name) => element.Get(name).ValueKind != JsonValueKind.Undefined;
    }

    private static Threat Malware(ThreatId id, JsonElement root, ReadOnlyMemory<byte> json, bool withdrawn)
    {
        var glossary = new Dictionary<string, string>(StringComparer.Ordinal);
        var first = root.Get("firstPublished"u8).Time();
        var last = root.Get("lastPublished"u8).Time() ?? first;
        var detail = root.Get("threatDetailURL"u8).Words();

        var families = root.Get("malwareFamilySet"u8);
        var familyNames = new List<string>(families.Count());
        foreach (var item in families.Items())
        {
            AddOnce(familyNames, Named(item, "familyName"u8, glossary) ?? Named(item, "mechanismName"u8, glossary));
        }

        var mechanisms = root.Get("deliveryMechanisms"u8);
        var mechanismNames = new List<string>(mechanisms.Count());
        foreach (var item in mechanisms.Items())
        {
            AddOnce(mechanismNames, Named(item, "mechanismName"u8, glossary));
        }

        var brands = new List<string>();
        foreach (var item in root.Get("campaignBrandSet"u8).Items())
        {
            AddBrand(brands, item.Get("brand"u8));
        }

        var languages = new List<string>();
        foreach (var item in root.Get("campaignLanguageSet"u8).Items())
        {
            AddOnce(languages, item.Get("languageDefinition"u8).Get("isoCode"u8).Words());
        }

        var domains = Strings(root.Get("domainSet"u8), "domain"u8);
        var addresses = Strings(root.Get("senderEmailSet"u8), "senderEmail"u8);
        var ips = Strings(root.Get("senderIpSet"u8), "ip"u8);
        var subjects = Strings(root.Get("subjectSet"u8), "subject"u8);
        List<ThreatUrl> spamUrls = [];
        foreach (var item in root.Get("spamUrlSet"u8).Items())
        {
            if ((UrlOf(item.Get("url_1"u8)) ?? UrlOf(item.Get("url"u8))) is { } url)
            {
                spamUrls.Add(url);
            }
        }

        var context = new IndicatorContext(id, first, last, brands.Count == 0 ? null : string.Join("; ", brands), detail);
        var blockSet = root.Get("blockSet"u8);
        var executableSet = root.Get("executableSet"u8);
        var indicators = new List<Indicator>(blockSet.Count() + (executableSet.Count() * 4) + domains.Count + addresses.Count + ips.Count
            + subjects.Count + spamUrls.Count);
        Impact? worst = null;
        ReadBlocks(blockSet, context, glossary, indicators);
        var files = ReadFiles(executableSet, context, glossary, indicators);
        foreach (var indicator in indicators)
        {
            worst = indicator.Impact is { } impact && (worst is null || impact > worst) ? impact : worst;
        }

        foreach (var domain in domains)
        {
            indicators.Add(context.Corollary(IndicatorSource.SenderDomain, IndicatorKind.Domain, domain));
        }

        foreach (var address in addresses)
        {
            indicators.Add(context.Corollary(IndicatorSource.SenderAddress, IndicatorKind.Email, address));
        }

        foreach (var ip in ips)
        {
            indicators.Add(context.Corollary(IndicatorSource.SenderIp, IndicatorKind.IPv4, ip));
        }

        foreach (var subject in subjects)
        {
            indicators.Add(context.Corollary(IndicatorSource.Subject, IndicatorKind.Subject, subject));
        }

        foreach (var url in spamUrls)
        {
            indicators.Add(context.Corollary(IndicatorSource.SpamUrl, IndicatorKind.Url, url.Url));
        }

        return new Threat
        {
            Id = id,
            Label = root.Get("label"u8).Words(),
            ExecutiveSummary = root.Get("executiveSummary"u8).Words(),
            FirstPublished = first,
            LastPublished = last,
            Impact = worst,
            Families = familyNames,
            DeliveryMechanisms = mechanismNames,
            Descriptions = glossary,
            Brands = brands,
            Languages = languages,
            Feeds = Strings(root.Get("feeds"u8), "displayName"u8),
            HasReport = root.Get("hasReport"u8).Flag(),
            ReportUri = root.Get("reportURL"u8).Words(),
            ApiReportUri = root.Get("apiReportURL"u8).Words(),
            ThreatDetailUri = detail,
            Indicators = indicators,
            Files = files,
            Subjects = subjects,
            SenderAddresses = addresses,
            SenderIps = ips,
            SenderNames = Strings(root.Get("senderNameSet"u8), "name"u8),
            SenderDomains = domains,
            SpamUrls = spamUrls,
            ExtractedStrings = Strings(root.Get("extractedStringSet"u8), "data"u8),
            Withdrawn = withdrawn || root.Get("deleted"u8).Flag(),
            Json = json,
        };
    }

    private static void ReadBlocks(JsonElement blockSet, IndicatorContext context, Dictionary<string, string> glossary, List<Indicator> indicators)
    {
        string? lastRole = null, lastDescription = null, lastSubclass = null;
        foreach (var block in blockSet.Items())
        {
            var kind = KindOf(block.Get("blockType"u8));
            if (BlockValue(block, kind) is not { } value)
            {
                continue;
            }

            var normalized = Normalize(ref kind, value);
            var family = Named(block.Get("malwareFamily"u8), "familyName"u8, glossary);
            indicators.Add(new Indicator
            {
                ThreatId = context.Id,
                Kind = kind,
                Value = value,
                NormalizedValue = normalized,
                Impact = block.Get("impact"u8).Impact(),
                Confidence = block.Get("confidence"u8).Whole() is { } confidence and > 0 and <= 100 ? (int)confidence : null,
                Role = block.Get("role"u8).Words(ref lastRole),
                RoleDescription = block.Get("roleDescription"u8).Words(ref lastDescription),
                Family = family,
                DeliveryMechanism = Named(block.Get("deliveryMechanism"u8), "mechanismName"u8, glossary),
                Subclass = block.Get("infrastructureTypeSubclass"u8).Get("description"u8).Words(ref lastSubclass),
                Source = IndicatorSource.WatchList,
                FirstPublished = context.First,
                LastPublished = context.Last,
                Brands = context.Brands,
                ThreatDetailUrl = context.Detail,
                IpDetail = IpDetailOf(block.Get("ipDetail"u8)),
            });
        }
    }

    private static IndicatorKind KindOf(JsonElement blockType)
    {
        if (blockType.ValueKind != JsonValueKind.String)
        {
            return IndicatorKind.Unknown;
        }

        return blockType.Text()!.Trim().ToUpperInvariant() switch
        {
            "DOMAIN NAME" or "DOMAIN" or "HOSTNAME" => IndicatorKind.Domain,
            "IPV4 ADDRESS" or "IPV4" or "IP ADDRESS" => IndicatorKind.IPv4,
            "IPV6 ADDRESS" or "IPV6" => IndicatorKind.IPv6,
            "URL" => IndicatorKind.Url,
            "EMAIL" or "EMAIL ADDRESS" => IndicatorKind.Email,
            _ => IndicatorKind.Unknown,
        };
    }

    // data_1 is a string, or an object for URLs; samples hold an object without 'url', and one on a domain (reference/threat.md §2.1).
    private static string? BlockValue(JsonElement block, IndicatorKind kind)
    {
        var twin = block.Get("data_1"u8);
        var plain = block.Get("data"u8).Words();
        if (twin.ValueKind != JsonValueKind.Object)
        {
            return twin.Words() ?? plain;
        }

        return kind switch
        {
            IndicatorKind.Url => twin.Get("url"u8).Words() ?? plain ?? Assembled(twin),
            IndicatorKind.Domain => plain ?? twin.Get("host"u8).Words() ?? twin.Get("domain"u8).Words(),
            _ => plain ?? twin.Get("url"u8).Words() ?? twin.Get("host"u8).Words() ?? twin.Get("domain"u8).Words(),
        };
    }

    private static string? Assembled(JsonElement url)
    {
        if ((url.Get("host"u8).Words() ?? url.Get("domain"u8).Words()) is not { } host)
        {
            return null;
        }

        var query = url.Get("query"u8).Words();
        return $"{url.Get("protocol"u8).Words() ?? "http"}://{host}{url.Get("path"u8).Words() ?? "/"}{(query is null ? "" : "?")}{query}";
    }

    // The value knows better than its label which sort of address or name it is.
    private static string? Normalize(ref IndicatorKind kind, string value)
    {
        var normalized = kind == IndicatorKind.Unknown ? null : IndicatorNormalizer.Normalize(kind, value);
        if (normalized is not null || kind is not (IndicatorKind.Domain or IndicatorKind.IPv4 or IndicatorKind.IPv6))
        {
            return normalized;
        }

        ReadOnlySpan<IndicatorKind> others = [IndicatorKind.IPv4, IndicatorKind.IPv6, IndicatorKind.Domain];
        foreach (var other in others)
        {
            if (other != kind && IndicatorNormalizer.Normalize(other, value) is { } found)
            {
                kind = other;
                return found;
            }
        }

        return null;
    }

    private static List<ThreatFile> ReadFiles(
        JsonElement executableSet, IndicatorContext context, Dictionary<string, string> glossary, List<Indicator> indicators)
    {
        var files = new List<ThreatFile>(executableSet.Count());
        foreach (var item in executableSet.Items())
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            List<string> detectedBy = [];
            foreach (var detection in item.Get("vendorDetections"u8).Items())
            {
                if (detection.Get("detected"u8).Flag())
                {
                    AddOnce(detectedBy, detection.Get("threatVendorName"u8).Words());
                }
            }

            var file = new ThreatFile
            {
                FileName = item.Get("fileName"u8).Words(),
                FileExtension = item.Get("fileNameExtension"u8).Words(),
                Type = item.Get("type"u8).Words(),
                Subtype = item.Get("executableSubtype"u8).Get("description"u8).Words(),
                Impact = item.Get("severityLevel"u8).Impact(),
                Entered = item.Get("dateEntered"u8).Time(),
                Family = Named(item.Get("malwareFamily"u8), "familyName"u8, glossary),
                DeliveryMechanism = Named(item.Get("deliveryMechanism"u8), "mechanismName"u8, glossary),
                DetectedBy = detectedBy,
                Hashes = new FileHashes
                {
                    Md5 = item.Get("md5Hex"u8).Words(),
                    Sha1 = item.Get("sha1Hex"u8).Words(),
                    Sha224 = item.Get("sha224Hex"u8).Words(),
                    Sha256 = item.Get("sha256Hex"u8).Words(),
                    Sha384 = item.Get("sha384Hex"u8).Words(),
                    Sha512 = item.Get("sha512Hex"u8).Words(),
                    Ssdeep = item.Get("ssdeep"u8).Words(),
                },
            };
            files.Add(file);

            // A benign program that malware brought along must not be blocked, whatever its severity says (reference/threat.md §6).
            var impact = file.Subtype == RepurposedProgram ? Impact.None : file.Impact ?? Impact.Major;
            AddHashes(file.Hashes, indicators, new Indicator
            {
                ThreatId = context.Id,
                Kind = IndicatorKind.Unknown,
                Value = "",
                Impact = impact,
                Family = file.Family,
                DeliveryMechanism = file.DeliveryMechanism,
                Subclass = file.Subtype ?? file.Type,
                FileName = file.FileName,
                Source = IndicatorSource.File,
                FirstPublished = context.First,
                LastPublished = context.Last,
                Brands = context.Brands,
                ThreatDetailUrl = context.Detail,
            });
        }

        return files;
    }

    private static void AddHashes(FileHashes hashes, List<Indicator> indicators, Indicator pattern)
    {
        for (var kind = IndicatorKind.Md5; kind <= IndicatorKind.Ssdeep; kind++)
        {
            if (hashes[kind] is { } value)
            {
                indicators.Add(pattern with { Kind = kind, Value = value, NormalizedValue = IndicatorNormalizer.Normalize(kind, value) });
            }
        }
    }

    private static Threat Phish(ThreatId id, JsonElement root, ReadOnlyMemory<byte> json, bool withdrawn)
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
        var normalized = Normalize(ref kind, host);
        if (kind != IndicatorKind.Domain)
        {
            // The same address again as hosting address would be one indicator twice.
            if (hosting?.Ip is null || Normalize(ref kind, hosting.Ip) != normalized)
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

    private static FileHashes PlainHashes(JsonElement element) => new()
    {
        Md5 = element.Get("md5"u8).Words(),
        Sha1 = element.Get("sha1"u8).Words(),
        Sha224 = element.Get("sha224"u8).Words(),
        Sha256 = element.Get("sha256"u8).Words(),
        Sha384 = element.Get("sha384"u8).Words(),
        Sha512 = element.Get("sha512"u8).Words(),
        Ssdeep = element.Get("ssdeep"u8).Words(),
    };

    private static List<ThreatUrl> Urls(JsonElement twin, JsonElement plain)
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

    private static ThreatUrl? UrlOf(JsonElement element)
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

    private static IpDetail? IpDetailOf(JsonElement element) => element.ValueKind != JsonValueKind.Object
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

    // Name of a family or mechanism; notes what the vendor says about it.
    private static string? Named(JsonElement element, ReadOnlySpan<byte> member, Dictionary<string, string> glossary)
    {
        var name = element.Get(member).Words();
        if (name is not null)
        {
            ref var description = ref CollectionsMarshal.GetValueRefOrAddDefault(glossary, name, out var known);
            description = known && description!.Length > 0 ? description : element.Get("description"u8).Words() ?? "";
        }

        return name;
    }

    private static List<string> Strings(JsonElement list, ReadOnlySpan<byte> member)
    {
        var strings = new List<string>(list.Count());
        foreach (var item in list.Items())
        {
            AddOnce(strings, item.Get(member).Words());
        }

        return strings;
    }

    private static void AddBrand(List<string> brands, JsonElement brand)
    {
        if (brand.Get("text"u8).Words() is { } text && text != NoBrand)
        {
            AddOnce(brands, text);
        }
    }

    private static void AddOnce(List<string> list, string? value)
    {
        if (value is not null && !list.Contains(value))
        {
            list.Add(value);
        }
    }

    // What all indicators of a threat share.
    private readonly record struct IndicatorContext(
        ThreatId Id, DateTimeOffset? First, DateTimeOffset? Last, string? Brands, string? Detail)
    {
        public Indicator Phish(IndicatorSource source, IndicatorKind kind, string value) =>
            Create(source, kind, value, corollary: false, Impact.Major, PhishRole);

        public Indicator Corollary(IndicatorSource source, IndicatorKind kind, string value) =>
            Create(source, kind, value, corollary: true, null, null);

        private Indicator Create(IndicatorSource source, IndicatorKind kind, string value, bool corollary, Impact? impact, string? role)
        {
            var normalized = Normalize(ref kind, value);
            return new Indicator
            {
                ThreatId = Id,
                Kind = kind,
                Value = value,
                NormalizedValue = normalized,
                Impact = impact,
                Role = role,
                Corollary = corollary,
                Source = source,
                FirstPublished = First,
                LastPublished = Last,
                Brands = Brands,
                ThreatDetailUrl = Detail,
            };
        }
    }
}
