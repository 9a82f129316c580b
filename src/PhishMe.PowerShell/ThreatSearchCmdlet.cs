using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;
using PhishMe.PowerShell.Completion;

namespace PhishMe.PowerShell;

/// <summary>The conditions of a search for threats: what the API can compare, and names with wildcards, which are compared here.</summary>
public abstract class ThreatSearchCmdlet : ThreatIdCmdlet
{
    private protected const string SearchSet = "Search";
    private protected const string IndicatorSet = "Indicator";

    /// <summary>Only this product. Default: both. With it, an id may be just the number.</summary>
    [Parameter]
    public ThreatType? Type { get; set; }

    /// <summary>Maximum number of threats. A search gives the newest ones, by last publication and newest first; it goes back in time until it has enough.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? First { get; set; }

    /// <summary>Only threats published at this time or later. A time without a zone is UTC.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [Parameter(ParameterSetName = IndicatorSet)]
    [Alias("PublishedAfter")]
    public DateTime? Since { get; set; }

    /// <summary>Only threats published at this time or earlier. A time without a zone is UTC.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [Parameter(ParameterSetName = IndicatorSet)]
    [Alias("PublishedBefore")]
    public DateTime? Until { get; set; }

    /// <summary>Just the number of the id, of both products unless -Type is given.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateRange(0L, long.MaxValue)]
    public long? NativeId { get; set; }

    /// <summary>Malware: a string extracted from the malware.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string? ExtractedString { get; set; }

    /// <summary>Malware: display name of the sender.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string? SenderName { get; set; }

    /// <summary>Malware: subject of the message.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string? Subject { get; set; }

    /// <summary>Malware: IP addresses that the messages came from. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] SenderIp { get; set; } = [];

    /// <summary>Malware: name of the family. Wildcards are allowed; the comparison then happens here, so limit the search with Since.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SeenFamilyCompleter))]
    public string? Family { get; set; }

    /// <summary>Malware: names of its files. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] ArtifactName { get; set; } = [];

    /// <summary>Malware: MD5 hashes of its files. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] ArtifactMd5 { get; set; } = [];

    /// <summary>Malware: domains of the senders. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] SenderDomain { get; set; } = [];

    /// <summary>Malware: domains on the watch list. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] WatchListDomain { get; set; } = [];

    /// <summary>Malware: IP addresses on the watch list. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] WatchListIp { get; set; } = [];

    /// <summary>Malware: URLs on the watch list. In double quotes the whole URL, otherwise a part of it.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] WatchListUrl { get; set; } = [];

    /// <summary>Malware: e-mail addresses on the watch list. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] WatchListEmail { get; set; } = [];

    /// <summary>Phish: number of the autonomous system (AS) that hosts the page.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateRange(0L, uint.MaxValue)]
    public long? HostingAsn { get; set; }

    /// <summary>Phish: two-letter code of the country that hosts the page.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string? HostingCountry { get; set; }

    /// <summary>Phish: organization that runs the autonomous system (AS) that hosts the page.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string? HostingOrganization { get; set; }

    /// <summary>Phish: IP addresses of the servers behind the page. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] HostingIp { get; set; } = [];

    /// <summary>Phish: titles of the page.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] PageTitle { get; set; } = [];

    /// <summary>Phish: languages of the page.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] Language { get; set; } = [];

    /// <summary>Phish: domains of the page. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] PhishDomain { get; set; } = [];

    /// <summary>Phish: URLs of the page. In double quotes the whole URL, otherwise a part of it.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] PhishUrl { get; set; } = [];

    /// <summary>Phish: domains of reported URLs. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] ReportedDomain { get; set; } = [];

    /// <summary>Phish: reported URLs. In double quotes the whole URL, otherwise a part of it.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] ReportedUrl { get; set; } = [];

    /// <summary>Phish: domains of form targets. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] ActionDomain { get; set; } = [];

    /// <summary>Phish: form targets. In double quotes the whole URL, otherwise a part of it.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] ActionUrl { get; set; } = [];

    /// <summary>Phish: an e-mail address found in a kit. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string? DropMail { get; set; }

    /// <summary>Phish: only pages with a kit. With -HasKit:$false, only pages without one.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    public SwitchParameter HasKit { get; set; }

    /// <summary>Phish: names of kit archives. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] KitName { get; set; } = [];

    /// <summary>Phish: MD5 hashes of kit archives. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] KitMd5 { get; set; } = [];

    /// <summary>Phish: URLs of resources of the page.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] WebComponentName { get; set; } = [];

    /// <summary>Phish: MD5 hashes of resources of the page. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] WebComponentMd5 { get; set; } = [];

    /// <summary>Brands, as the vendor writes them. Wildcards are allowed; the comparison then happens here, so limit the search with Since.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SeenBrandCompleter))]
    public string[] Brand { get; set; } = [];

    /// <summary>IP addresses, anywhere in the threat. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] Ip { get; set; } = [];

    /// <summary>Domains, anywhere in the threat. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] Domain { get; set; } = [];

    /// <summary>File names, anywhere in the threat. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] FileName { get; set; } = [];

    /// <summary>MD5 hashes, anywhere in the threat. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] Md5 { get; set; } = [];

    /// <summary>A hash of any kind, anywhere in the threat. No wildcards.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string? Hash { get; set; }

    /// <summary>A whole URL or a part of one, anywhere in the threat.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string? Url { get; set; }

    /// <summary>Whether one of the names has a wildcard.</summary>
    private protected static bool HasPattern(string[] names) => Array.Exists(names, NamePattern.HasWildcard);

    private static string[] Refanged(string[] values) => Array.ConvertAll(values, Defanged.Refang);

    /// <summary>Refuses wildcards where the API compares the whole value: a pattern would match nothing, and no one would notice.</summary>
    /// <exception cref="PhishMeException">A parameter has a wildcard.</exception>
    private protected void RefuseWildcards()
    {
        (string Name, string[] Values)[] whole =
        [
            (nameof(SenderIp), SenderIp), (nameof(ArtifactName), ArtifactName), (nameof(ArtifactMd5), ArtifactMd5), (nameof(SenderDomain), SenderDomain),
            (nameof(WatchListDomain), WatchListDomain), (nameof(WatchListIp), WatchListIp), (nameof(WatchListEmail), WatchListEmail),
            (nameof(HostingCountry), [HostingCountry ?? ""]), (nameof(HostingIp), HostingIp), (nameof(Language), Language), (nameof(PhishDomain), PhishDomain),
            (nameof(ReportedDomain), ReportedDomain), (nameof(ActionDomain), ActionDomain), (nameof(DropMail), [DropMail ?? ""]), (nameof(KitName), KitName),
            (nameof(KitMd5), KitMd5), (nameof(WebComponentMd5), WebComponentMd5), (nameof(Ip), Ip), (nameof(Domain), Domain), (nameof(FileName), FileName),
            (nameof(Md5), Md5), (nameof(Hash), [Hash ?? ""]),
        ];
        foreach ((var name, var values) in whole)
        {
            if (Array.Find(values, value => value.Contains('*', StringComparison.Ordinal)) is string pattern)
            {
                throw new PhishMeException(Faults.WildcardNotSupported, $"-{name} does not take wildcards: '{pattern}'. The API compares the whole value.");
            }
        }
    }

    /// <summary>Whether a threat has a family and a brand of the names with wildcards, which the API and the index cannot compare.</summary>
    private protected bool HasNamedFamilyAndBrand(Threat threat) =>
        (!NamePattern.HasWildcard(Family) || threat.Families.Any(name => NamePattern.MatchesAny([Family!], name)))
        && (!HasPattern(Brand) || threat.Brands.Any(name => NamePattern.MatchesAny(Brand, name)));

    /// <summary>The conditions that the API and the store can check.</summary>
    private protected ThreatQuery Query() => new()
    {
        Type = NamePattern.HasWildcard(Family) ? Type ?? ThreatType.Malware : Type,
        First = First,
        NativeId = NativeId,
        PublishedAfter = PointInTime.Of(Since),
        PublishedBefore = PointInTime.Of(Until),
        ExtractedString = ExtractedString,
        SenderName = SenderName,
        Subject = Subject,
        SenderIp = Refanged(SenderIp),
        Family = NamePattern.HasWildcard(Family) ? null : Family,
        ArtifactName = ArtifactName,
        ArtifactMd5 = ArtifactMd5,
        SenderDomain = Refanged(SenderDomain),
        WatchListDomain = Refanged(WatchListDomain),
        WatchListIp = Refanged(WatchListIp),
        WatchListUrl = Refanged(WatchListUrl),
        WatchListEmail = Refanged(WatchListEmail),
        HostingAsn = HostingAsn,
        HostingCountry = HostingCountry,
        HostingOrganization = HostingOrganization,
        HostingIp = Refanged(HostingIp),
        PageTitle = PageTitle,
        Language = Language,
        PhishDomain = Refanged(PhishDomain),
        PhishUrl = Refanged(PhishUrl),
        ReportedDomain = Refanged(ReportedDomain),
        ReportedUrl = Refanged(ReportedUrl),
        ActionDomain = Refanged(ActionDomain),
        ActionUrl = Refanged(ActionUrl),
        DropMail = DropMail is null ? null : Defanged.Refang(DropMail),
        HasKit = MyInvocation.BoundParameters.ContainsKey(nameof(HasKit)) ? HasKit.IsPresent : null,
        KitName = KitName,
        KitMd5 = KitMd5,
        WebComponentName = Refanged(WebComponentName),
        WebComponentMd5 = WebComponentMd5,
        Brand = HasPattern(Brand) ? [] : Brand,
        Ip = Refanged(Ip),
        Domain = Refanged(Domain),
        FileName = FileName,
        Md5 = Md5,
        Hash = Hash,
        Url = Url is null ? null : Defanged.Refang(Url),
    };
}
