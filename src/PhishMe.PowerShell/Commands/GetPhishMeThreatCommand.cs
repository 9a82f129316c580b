using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;
using PhishMe.PowerShell.Completion;
using PhishMe.PowerShell.Pumping;
using PhishMe.PowerShell.Searching;

namespace PhishMe.PowerShell.Commands;

/// <summary>
/// Gets threats by id, by indicator or by a search, from the API or from the local store.
/// </summary>
[Cmdlet(VerbsCommon.Get, "PhishMeThreat", DefaultParameterSetName = SearchSet)]
[OutputType(typeof(Threat))]
public sealed class GetPhishMeThreatCommand : ThreatIdCmdlet
{
    private const string SearchSet = "Search";
    private const string IndicatorSet = "Indicator";

    private static readonly string[] StoreParameters = [nameof(Store), nameof(ConfigPath), nameof(MinimumImpact), nameof(Role), nameof(IncludeWithdrawn)];

    private int _emitted;
    private IIntelligenceStore? _stored;

    /// <summary>URLs, domains, IP addresses, hashes or e-mail addresses. They may be defanged; empty lines and lines that begin with # are skipped.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IndicatorSet)]
    [Alias("IOC")]
    [AllowEmptyString]
    public string[] Indicator { get; set; } = [];

    /// <summary>Only this product. Default: both. With it, an id may be just the number.</summary>
    [Parameter]
    public ThreatType? Type { get; set; }

    /// <summary>Maximum number of threats. A search gives the newest ones, by last publication and newest first; it goes back in time until it has enough.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? First { get; set; }

    /// <summary>Read the local store instead of the API. Needs no session.</summary>
    [Parameter]
    public SwitchParameter FromStore { get; set; }

    /// <summary>With -FromStore: the state file to read. Default: the one that the configuration names. Taken literally.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

    /// <summary>
    /// With -FromStore: the config.ini that names the state file. Default: the one of the session, otherwise config.ini in the current location. Taken
    /// literally.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConfigPath { get; set; }

    /// <summary>With -FromStore: only threats of this impact or higher. Threats without a rating are then left out.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [Parameter(ParameterSetName = IndicatorSet)]
    public Impact? MinimumImpact { get; set; }

    /// <summary>With -FromStore: only threats with an indicator of one of these roles, such as C2. Wildcards are allowed.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [Parameter(ParameterSetName = IndicatorSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SeenRoleCompleter))]
    public string[] Role { get; set; } = [];

    /// <summary>With -FromStore: include withdrawn threats.</summary>
    [Parameter]
    public SwitchParameter IncludeWithdrawn { get; set; }

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

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        DoOrEnd(RefuseWildcards);
        if (FromStore)
        {
            DoOrEnd(() => _stored = OpenStore(ResolveStore(Store, ConfigPath, FindSession())), Store ?? ConfigPath);
            return;
        }

        DoOrEnd(RefuseWhatNeedsTheStore);
        RequireSession();
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case IdSet:
                Collect(Type);
                break;
            case IndicatorSet when _stored is not null:
                EmitStored(WithIndicators, Indicator);
                break;
            case IndicatorSet:
                Emit((session, writer, cancellation) => session.Port.SearchIndicatorsAsync(Indicator, Query(), writer, cancellation), Indicator);
                break;
            case SearchSet when First is int first && NativeId is null:
                EmitNewest(first);
                break;
            case SearchSet when _stored is not null:
                EmitStored((store, cancellation) => store.ReadThreats(StoredQuery(Query()), cancellation), target: null);
                break;
            default:
                Emit((session, writer, cancellation) => session.Port.SearchAsync(Query(), writer, cancellation), target: null);
                break;
        }
    }

    // Lists of indicators come from files with blank lines and comments.
    private static bool IsGiven(string indicator) => !string.IsNullOrWhiteSpace(indicator) && !indicator.TrimStart().StartsWith('#');

    private static bool HasPattern(string[] names) => Array.Exists(names, NamePattern.HasWildcard);

    private static string[] Refanged(string[] values) => Array.ConvertAll(values, Defanged.Refang);

    private void RefuseWhatNeedsTheStore()
    {
        var given = Array.Find(StoreParameters, MyInvocation.BoundParameters.ContainsKey);
        if (given is not null)
        {
            throw new PhishMeException(Faults.ParameterConflict, $"-{given} needs -FromStore: it is a condition that only the local store can check.");
        }
    }

    // The API compares these as a whole, so a pattern would silently match nothing.
    private void RefuseWildcards()
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

    // What the API and the index cannot compare: names with wildcards.
    private bool IsNamed(Threat threat) =>
        (!NamePattern.HasWildcard(Family) || threat.Families.Any(name => NamePattern.MatchesAny([Family!], name)))
        && (!HasPattern(Brand) || threat.Brands.Any(name => NamePattern.MatchesAny(Brand, name)))
        && (!HasPattern(Role) || threat.Indicators.Any(indicator => NamePattern.MatchesAny(Role, indicator.Role)));

    /// <inheritdoc/>
    private protected override void Fetch(ThreatId[] ids)
    {
        if (First is int first)
        {
            ids = [.. ids.Take(first - _emitted)];
        }

        if (ids.Length == 0)
        {
            return;
        }

        if (_stored is not null)
        {
            EmitStored(ids);
            return;
        }

        Emit((session, writer, cancellation) => session.Port.GetThreatsAsync(ids, writer, cancellation), ids);
    }

    private void Emit(Func<PhishMeSession, PumpWriter, CancellationToken, IAsyncEnumerable<ThreatBatch>> read, object? target)
    {
        var session = RequireSession();
        RunOrEnd(
            async (_, writer, cancellation) =>
            {
                await foreach (var batch in read(session, writer, cancellation).ConfigureAwait(false))
                {
                    _emitted += batch.Threats.Count;
                    await TellAsync(writer, batch with { Threats = [.. batch.Threats.Where(IsNamed)] }, session).ConfigureAwait(false);
                }
            },
            target);
    }

    // Window by window back in time, until there are enough.
    private void EmitNewest(int first)
    {
        var session = _stored is null ? RequireSession() : null;
        RunOrEnd(async (_, writer, cancellation) =>
        {
            HashSet<ThreatId> emitted = [];
            foreach (var window in NewestFirst.Windows(Query(), DateTimeOffset.UtcNow))
            {
                NewestThreats newest = new(first - emitted.Count);
                if (session is null)
                {
                    Keep(newest, emitted, _stored!.ReadThreats(StoredQuery(window), cancellation));
                }
                else
                {
                    await foreach (var batch in session.Port.SearchAsync(window, writer, cancellation).ConfigureAwait(false))
                    {
                        await TellAsync(writer, batch.Missed).ConfigureAwait(false);
                        Keep(newest, emitted, batch.Threats);
                    }
                }

                foreach (var threat in newest.Take())
                {
                    emitted.Add(threat.Id);
                    session?.Seen.Add(threat);
                    await writer.WriteAsync(new PumpItem(threat)).ConfigureAwait(false);
                }

                if (emitted.Count >= first)
                {
                    break;
                }
            }
        });
    }

    // The bounds of a window belong to both windows beside it.
    private void Keep(NewestThreats newest, HashSet<ThreatId> emitted, IEnumerable<Threat> threats)
    {
        foreach (var threat in threats.Where(threat => !emitted.Contains(threat.Id) && IsNamed(threat)))
        {
            newest.Add(threat);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stored?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void EmitStored(Func<IIntelligenceStore, CancellationToken, IEnumerable<Threat>> read, object? target) =>
        RunOrEnd(
            async (_, writer, cancellation) =>
            {
                foreach (var threat in read(_stored!, cancellation).Where(IsNamed).Take(First ?? int.MaxValue))
                {
                    await writer.WriteAsync(new PumpItem(threat)).ConfigureAwait(false);
                }
            },
            target ?? Store ?? ConfigPath);

    // In the order asked for, and a word about each that is not there: as the API answers.
    private void EmitStored(ThreatId[] ids) =>
        RunOrEnd(
            async (_, writer, cancellation) =>
            {
                var found = _stored!.ReadThreats(new StoreQuery { Ids = ids, IncludeWithdrawn = IncludeWithdrawn }, cancellation).ToDictionary(threat => threat.Id);
                foreach (var id in ids)
                {
                    if (found.TryGetValue(id, out var threat))
                    {
                        _emitted++;
                        await writer.WriteAsync(new PumpItem(threat)).ConfigureAwait(false);
                    }
                    else
                    {
                        var message = IncludeWithdrawn
                            ? $"Threat {id} is not in the store."
                            : $"Threat {id} is not in the store, or it was withdrawn. Add -IncludeWithdrawn to see withdrawn threats.";
                        await writer.WriteAsync(new PumpFault(new Fault { Kind = Faults.ThreatNotFound, Message = message, Where = _stored.Path }, id.ToString()))
                            .ConfigureAwait(false);
                    }
                }
            },
            ids);

    private IEnumerable<Threat> WithIndicators(IIntelligenceStore store, CancellationToken cancellation)
    {
        var filter = new MatchFilter { IncludeWithdrawn = IncludeWithdrawn };
        var ids = store.Find(Indicator.Where(IsGiven), filter, cancellationToken: cancellation).Select(match => match.ThreatId).Distinct();
        return ids.Chunk(IdsPerRequest).SelectMany(chunk => store.ReadThreats(StoredQuery(Query()) with { Ids = chunk }, cancellation));
    }

    private StoreQuery StoredQuery(ThreatQuery search) => new()
    {
        Search = search,
        MinimumImpact = MinimumImpact,
        Roles = HasPattern(Role) ? [] : Role,
        IncludeWithdrawn = IncludeWithdrawn,
    };

    private ThreatQuery Query() => new()
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
