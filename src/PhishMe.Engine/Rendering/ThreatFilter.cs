using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// Reduces a threat to what is wanted: indicators, and the parts they were read from. All renderers share it, so that the same conditions mean the
/// same in every form.
/// </summary>
internal sealed class ThreatFilter
{
    private readonly RenderingOptions _wanted;
    private readonly IndicatorFilter _filter;
    private readonly AllowList? _allowed;
    private readonly bool _filtersIndicators;

    private ThreatFilter(RenderingOptions wanted, AllowList? allowed)
    {
        _wanted = wanted;
        _filter = IndicatorFilter.Everything with { Kinds = wanted.Kinds, MinimumImpact = wanted.MinimumImpact };
        _allowed = allowed;
        _filtersIndicators = allowed is not null || wanted.Kinds is not null || wanted.MinimumImpact is not null || wanted.Roles.Count > 0;
    }

    /// <summary>Null when everything passes.</summary>
    /// <exception cref="PhishMeException">An entry of the allow list is nothing that could be looked for.</exception>
    public static ThreatFilter? For(RenderingOptions wanted)
    {
        var filter = new ThreatFilter(wanted, AllowList.Of(wanted.AllowList));
        return filter._filtersIndicators || wanted.Type is not null || wanted.Since is not null || wanted.Until is not null || wanted.Families.Count > 0 ? filter : null;
    }

    /// <summary>What is left of a threat; null when nothing is.</summary>
    public Threat? Apply(Threat threat, LeftOutCounts? leftOut = null)
    {
        if (_wanted.Type is ThreatType type && threat.Type != type)
        {
            return null;
        }

        // A withdrawn threat may be known by its id alone, and whoever received it must receive the withdrawal.
        if (!threat.Withdrawn && !IsWanted(threat))
        {
            return null;
        }

        if (!_filtersIndicators)
        {
            return threat;
        }

        var left = Left(threat, leftOut);
        if (_wanted.Format == RenderingFormat.Cef && threat.PhishingUrl is not null && left.PhishingUrl is null && !threat.Withdrawn)
        {
            return null; // The one event of a phish is that of its page.
        }

        return threat.Withdrawn || left.Indicators.Count > 0 || left.Files.Count > 0 ? left : null;
    }

    private static IReadOnlyList<T> Those<T>(IReadOnlyList<T> parts, Func<T, bool> stays) => parts.Count == 0 ? parts : [.. parts.Where(stays)];

    private static bool IsEmpty(FileHashes hashes) => hashes == FileHashes.None;

    private bool IsWanted(Threat threat) =>
        (_wanted.Since is not DateTimeOffset since || threat.LastPublished >= since)
        && (_wanted.Until is not DateTimeOffset until || threat.LastPublished < until)
        && (_wanted.Families.Count == 0
            || threat.Families.Concat(threat.DeliveryMechanisms).Any(name => NamePattern.MatchesAny(_wanted.Families, name)));

    private bool IsWanted(Indicator indicator) =>
        _filter.Takes(indicator)
        && (_wanted.Roles.Count == 0 || NamePattern.MatchesAny(_wanted.Roles, indicator.Role));

    // A file with nothing but a name has no indicator to go by; unrated files count as Major, as everywhere (reference/threat.md §6).
    private bool IsWanted(ThreatFile file) =>
        _wanted.Kinds is null && _wanted.Roles.Count == 0 && (_wanted.MinimumImpact is not Impact least || (file.Impact ?? Impact.Major) >= least);

    // The allow list alone takes away what it names and nothing else.
    private bool TakesPartsWithoutIndicator => _wanted.Kinds is null && _wanted.Roles.Count == 0 && _wanted.MinimumImpact is null;

    private Threat Left(Threat threat, LeftOutCounts? leftOut)
    {
        var coveredHashes = CoveredHashes(threat);
        Indicator[] indicators =
        [
            .. threat.Indicators.Where(IsLeft),
        ];
        var left = indicators.Select(indicator => (indicator.Source, indicator.Value)).ToHashSet();
        return threat with
        {
            Indicators = indicators,
            Files = LeftFiles(threat.Files, left),
            Subjects = Those(threat.Subjects, subject => left.Contains((IndicatorSource.Subject, subject))),
            SenderAddresses = Those(threat.SenderAddresses, address => left.Contains((IndicatorSource.SenderAddress, address))),
            SenderIps = Those(threat.SenderIps, address => left.Contains((IndicatorSource.SenderIp, address))),
            SenderDomains = Those(threat.SenderDomains, domain => left.Contains((IndicatorSource.SenderDomain, domain))),
            SpamUrls = Those(threat.SpamUrls, url => left.Contains((IndicatorSource.SpamUrl, url.Url))),
            PhishingUrl = LeftPage(threat.PhishingUrl, indicators),
            IpDetail = threat.IpDetail?.Ip is string ip && !left.Contains((IndicatorSource.Hosting, ip)) ? null : threat.IpDetail,
            ReportedUrls = Those(threat.ReportedUrls, url => left.Contains((IndicatorSource.ReportedUrl, url.Url))),
            ActionUrls = Those(threat.ActionUrls, url => left.Contains((IndicatorSource.ActionUrl, url.Url))),
            Kits = LeftKits(threat.Kits, left),
            WebComponents = LeftComponents(threat.WebComponents, left),
            RemovedIndicators = Those(threat.RemovedIndicators, IsWanted),
        };

        bool IsLeft(Indicator indicator)
        {
            if (!IsWanted(indicator))
            {
                return false;
            }

            if (!coveredHashes.Contains(indicator.Value) && _allowed?.Covers(indicator) != true)
            {
                return true;
            }

            leftOut?.Add(LeftOutReason.AllowListed);
            return false;
        }
    }

    /// <summary>One hash on the allow list names the file; its other hashes would find it as well.</summary>
    private HashSet<string> CoveredHashes(Threat threat)
    {
        var covered = new HashSet<string>(StringComparer.Ordinal);
        if (_allowed is not null)
        {
            var files = threat.Files.Select(file => file.Hashes)
                .Concat(threat.Kits.Select(kit => kit.Hashes))
                .Concat(threat.Kits.SelectMany(kit => kit.Files).Select(file => file.Hashes))
                .Concat(threat.WebComponents.Select(component => component.Hashes));
            foreach (var hashes in files)
            {
                if (hashes.Known().Any(hash => _allowed.Covers(IndicatorKind.Unknown, hash.Value)))
                {
                    covered.UnionWith(hashes.Known().Select(hash => hash.Value));
                }
            }
        }

        return covered;
    }

    // A page is one thing with several indicators: it stays whole while any of them does, unless it is on the allow list itself.
    private ThreatUrl? LeftPage(ThreatUrl? page, Indicator[] left) =>
        page is not null && Array.Exists(left, indicator => indicator.Source == IndicatorSource.PhishingUrl) && _allowed?.Covers(IndicatorKind.Url, page.Url) != true
            ? page
            : null;

    private IReadOnlyList<ThreatFile> LeftFiles(IReadOnlyList<ThreatFile> files, HashSet<(IndicatorSource, string)> left) =>
    [
        .. from file in files
           let hashes = LeftHashes(file.Hashes, IndicatorSource.File, left)
           where IsEmpty(file.Hashes) ? IsWanted(file) : !IsEmpty(hashes)
           select file with { Hashes = hashes },
    ];

    private static FileHashes LeftHashes(FileHashes hashes, IndicatorSource source, HashSet<(IndicatorSource, string)> left)
    {
        return new FileHashes
        {
            Md5 = Left(hashes.Md5),
            Sha1 = Left(hashes.Sha1),
            Sha224 = Left(hashes.Sha224),
            Sha256 = Left(hashes.Sha256),
            Sha384 = Left(hashes.Sha384),
            Sha512 = Left(hashes.Sha512),
            Ssdeep = Left(hashes.Ssdeep),
        };

        string? Left(string? hash) => hash is not null && left.Contains((source, hash)) ? hash : null;
    }

    private IReadOnlyList<PhishKit> LeftKits(IReadOnlyList<PhishKit> kits, HashSet<(IndicatorSource, string)> left) =>
    [
        .. from kit in kits
           let hashes = LeftHashes(kit.Hashes, IndicatorSource.Kit, left)
           let files = LeftKitFiles(kit.Files, left)
           where !IsEmpty(hashes) || files.Count > 0 || (TakesPartsWithoutIndicator && IsEmpty(kit.Hashes) && kit.Files.Count == 0)
           select kit with { Hashes = hashes, Files = files },
    ];

    private IReadOnlyList<KitFile> LeftKitFiles(IReadOnlyList<KitFile> files, HashSet<(IndicatorSource, string)> left) =>
    [
        .. from file in files
           let hashes = LeftHashes(file.Hashes, IndicatorSource.KitFile, left)
           let emails = Those(file.Emails, email => left.Contains((IndicatorSource.KitEmail, email.Address)))
           where !IsEmpty(hashes) || emails.Count > 0 || (TakesPartsWithoutIndicator && IsEmpty(file.Hashes) && file.Emails.Count == 0)
           select file with { Hashes = hashes, Emails = emails },
    ];

    private IReadOnlyList<WebComponent> LeftComponents(IReadOnlyList<WebComponent> components, HashSet<(IndicatorSource, string)> left) =>
    [
        .. from component in components
           let url = component.Url is ThreatUrl found && left.Contains((IndicatorSource.WebComponent, found.Url)) ? component.Url : null
           let hashes = LeftHashes(component.Hashes, IndicatorSource.WebComponent, left)
           where url is not null || !IsEmpty(hashes) || (TakesPartsWithoutIndicator && component.Url is null && IsEmpty(component.Hashes))
           select component with { Url = url, Hashes = hashes },
    ];
}
