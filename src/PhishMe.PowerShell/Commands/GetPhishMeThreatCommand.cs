using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Completion;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>
/// Emits threats: those with the ids given, those that have an indicator, or those that a search finds - of the API, or of the local store.
/// </summary>
[Cmdlet(VerbsCommon.Get, "PhishMeThreat", DefaultParameterSetName = SearchSet)]
[OutputType(typeof(Threat))]
public sealed class GetPhishMeThreatCommand : ThreatIdCmdlet
{
    private const string SearchSet = "Search";
    private const string IndicatorSet = "Indicator";

    private static readonly string[] StoreParameters = [nameof(Store), nameof(ConfigPath), nameof(MinimumImpact), nameof(Role), nameof(IncludeWithdrawn)];

    private int _emitted;
    private StoreSource? _stored;

    /// <summary>URLs, domains, addresses, hashes or e-mail addresses, also defanged; blank lines and those that begin with # are left out.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IndicatorSet)]
    [Alias("IOC")]
    [AllowEmptyString]
    public string[] Indicator { get; set; } = [];

    /// <summary>One product; both unless given. With it an id may be a number alone.</summary>
    [Parameter]
    public ThreatType? Type { get; set; }

    /// <summary>At most so many threats.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? First { get; set; }

    /// <summary>Read the local store instead of asking the API; needs no session.</summary>
    [Parameter]
    public SwitchParameter FromStore { get; set; }

    /// <summary>With -FromStore: the state file to read, taken literally; unless given, the one that the configuration names.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

    /// <summary>
    /// With -FromStore: the configuration file that names the state file, taken literally; that of the session, else config.ini in the current location,
    /// unless given.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConfigPath { get; set; }

    /// <summary>With -FromStore: the lowest impact of threats wanted. With it those that are not rated are left out.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [Parameter(ParameterSetName = IndicatorSet)]
    public Impact? MinimumImpact { get; set; }

    /// <summary>With -FromStore: only threats with an indicator of one of these roles, such as C2.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [Parameter(ParameterSetName = IndicatorSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SeenRoleCompleter))]
    public string[] Role { get; set; } = [];

    /// <summary>With -FromStore: also threats that were withdrawn.</summary>
    [Parameter]
    public SwitchParameter IncludeWithdrawn { get; set; }

    /// <summary>Published at this time or later.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [Parameter(ParameterSetName = IndicatorSet)]
    public DateTime? PublishedAfter { get; set; }

    /// <summary>Published at this time or earlier.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [Parameter(ParameterSetName = IndicatorSet)]
    public DateTime? PublishedBefore { get; set; }

    /// <summary>The number alone, of both products unless -Type is given.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateRange(0L, long.MaxValue)]
    public long? NativeId { get; set; }

    /// <summary>Malware: a string extracted from it.</summary>
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

    /// <summary>Malware: addresses messages came from.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] SenderIp { get; set; } = [];

    /// <summary>Malware: name of the family.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SeenFamilyCompleter))]
    public string? Family { get; set; }

    /// <summary>Malware: names of its files.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] ArtifactName { get; set; } = [];

    /// <summary>Malware: MD5 of its files.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] ArtifactMd5 { get; set; } = [];

    /// <summary>Malware: domains of senders.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] SenderDomain { get; set; } = [];

    /// <summary>Malware: domains of the watch list.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] WatchListDomain { get; set; } = [];

    /// <summary>Malware: addresses of the watch list.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] WatchListIp { get; set; } = [];

    /// <summary>Malware: URLs of the watch list; whole when in double quotes, otherwise parts.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] WatchListUrl { get; set; } = [];

    /// <summary>Malware: e-mail addresses of the watch list.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] WatchListEmail { get; set; } = [];

    /// <summary>Phish: number of the autonomous system that hosts the page.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateRange(0L, uint.MaxValue)]
    public long? HostingAsn { get; set; }

    /// <summary>Phish: two-letter code of the country that hosts the page.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string? HostingCountry { get; set; }

    /// <summary>Phish: who runs the autonomous system that hosts the page.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string? HostingOrganization { get; set; }

    /// <summary>Phish: addresses of the servers behind the page.</summary>
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

    /// <summary>Phish: domains of the page.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] PhishDomain { get; set; } = [];

    /// <summary>Phish: URLs of the page; whole when in double quotes, otherwise parts.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] PhishUrl { get; set; } = [];

    /// <summary>Phish: domains of reported URLs.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] ReportedDomain { get; set; } = [];

    /// <summary>Phish: reported URLs; whole when in double quotes, otherwise parts.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] ReportedUrl { get; set; } = [];

    /// <summary>Phish: domains of form targets.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] ActionDomain { get; set; } = [];

    /// <summary>Phish: form targets; whole when in double quotes, otherwise parts.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] ActionUrl { get; set; } = [];

    /// <summary>Phish: an e-mail address found in a kit.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string? DropMail { get; set; }

    /// <summary>Phish: only pages with a kit, or with -HasKit:$false only those without.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    public SwitchParameter HasKit { get; set; }

    /// <summary>Phish: names of kit archives.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] KitName { get; set; } = [];

    /// <summary>Phish: MD5 of kit archives.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] KitMd5 { get; set; } = [];

    /// <summary>Phish: URLs of resources of the page.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] WebComponentName { get; set; } = [];

    /// <summary>Phish: MD5 of resources of the page.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] WebComponentMd5 { get; set; } = [];

    /// <summary>Brands, exactly as the vendor writes them.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SeenBrandCompleter))]
    public string[] Brand { get; set; } = [];

    /// <summary>Addresses anywhere.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] Ip { get; set; } = [];

    /// <summary>Domains anywhere.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] Domain { get; set; } = [];

    /// <summary>Names of files anywhere.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] FileName { get; set; } = [];

    /// <summary>MD5 anywhere.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string[] Md5 { get; set; } = [];

    /// <summary>A hash of any kind anywhere.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string? Hash { get; set; }

    /// <summary>A URL anywhere, whole or in part.</summary>
    [Parameter(ParameterSetName = SearchSet)]
    [ValidateNotNullOrEmpty]
    public string? Url { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (FromStore)
        {
            DoOrEnd(() => _stored = ResolveStore(Store, ConfigPath, FindSession()), Store ?? ConfigPath);
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
            default:
                if (_stored is not null)
                {
                    EmitStored((store, cancellation) => store.ReadThreats(StoredQuery(), cancellation), target: null);
                    break;
                }

                Emit((session, writer, cancellation) => session.Port.SearchAsync(Query(), writer, cancellation), target: null);
                break;
        }
    }

    // Lists of indicators come from files with blank lines and comments.
    private static bool IsGiven(string indicator) => !string.IsNullOrWhiteSpace(indicator) && !indicator.TrimStart().StartsWith('#');

    private static string[] Refanged(string[] values) => Array.ConvertAll(values, Defanged.Refang);

    private void RefuseWhatNeedsTheStore()
    {
        var given = Array.Find(StoreParameters, MyInvocation.BoundParameters.ContainsKey);
        if (given is not null)
        {
            throw new PhishMeException(Faults.ParameterConflict, $"-{given} is about the local store and goes with -FromStore only.");
        }
    }

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
                    await TellAsync(writer, batch, session).ConfigureAwait(false);
                }
            },
            target);
    }

    private void EmitStored(Func<IIntelligenceStore, CancellationToken, IEnumerable<Threat>> read, object? target) =>
        RunOrEnd(
            async (engine, writer, cancellation) =>
            {
                using var store = _stored!.Open(engine);
                foreach (var threat in read(store, cancellation).Take(First ?? int.MaxValue))
                {
                    await writer.WriteAsync(new PumpItem(threat)).ConfigureAwait(false);
                }
            },
            target ?? Store ?? ConfigPath);

    // In the order asked for, and a word about each that is not there: as the API answers.
    private void EmitStored(ThreatId[] ids) =>
        RunOrEnd(
            async (engine, writer, cancellation) =>
            {
                using var store = _stored!.Open(engine);
                var found = store.ReadThreats(new StoreQuery { Ids = ids, IncludeWithdrawn = IncludeWithdrawn }, cancellation).ToDictionary(threat => threat.Id);
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
                            ? $"There is no {id} in the store."
                            : $"There is no {id} in the store, or it was withdrawn; -IncludeWithdrawn shows that, too.";
                        await writer.WriteAsync(new PumpFault(new Fault { Kind = Faults.ThreatNotFound, Message = message, Where = store.Path }, id.ToString()))
                            .ConfigureAwait(false);
                    }
                }
            },
            ids);

    private IEnumerable<Threat> WithIndicators(IIntelligenceStore store, CancellationToken cancellation)
    {
        var filter = new MatchFilter { IncludeWithdrawn = IncludeWithdrawn };
        var ids = store.Find(Indicator.Where(IsGiven), filter, cancellation).Select(match => match.ThreatId).Distinct();
        return ids.Chunk(IdsPerRequest).SelectMany(chunk => store.ReadThreats(StoredQuery() with { Ids = chunk }, cancellation));
    }

    private StoreQuery StoredQuery() => new()
    {
        Search = Query(),
        MinimumImpact = MinimumImpact,
        Roles = Role,
        IncludeWithdrawn = IncludeWithdrawn,
    };

    private ThreatQuery Query() => new()
    {
        Type = Type,
        First = First,
        NativeId = NativeId,
        PublishedAfter = PublishedAfter is DateTime after ? new DateTimeOffset(after) : null,
        PublishedBefore = PublishedBefore is DateTime before ? new DateTimeOffset(before) : null,
        ExtractedString = ExtractedString,
        SenderName = SenderName,
        Subject = Subject,
        SenderIp = Refanged(SenderIp),
        Family = Family,
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
        Brand = Brand,
        Ip = Refanged(Ip),
        Domain = Refanged(Domain),
        FileName = FileName,
        Md5 = Md5,
        Hash = Hash,
        Url = Url is null ? null : Defanged.Refang(Url),
    };
}
