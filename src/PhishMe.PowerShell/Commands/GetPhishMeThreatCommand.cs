using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Completion;
using PhishMe.PowerShell.Pumping;
using PhishMe.PowerShell.Searching;

namespace PhishMe.PowerShell.Commands;

/// <summary>
/// Gets threats by id, by indicator or by a search, from the API or from the local store.
/// </summary>
[Cmdlet(VerbsCommon.Get, "PhishMeThreat", DefaultParameterSetName = SearchSet)]
[OutputType(typeof(Threat))]
public sealed class GetPhishMeThreatCommand : ThreatSearchCmdlet
{
    private static readonly string[] StoreParameters = [nameof(Store), nameof(ConfigPath), nameof(Connection), nameof(MinimumImpact), nameof(Role), nameof(IncludeWithdrawn)];

    private int _emitted;
    private IIntelligenceStore? _stored;

    /// <summary>URLs, domains, IP addresses, hashes or e-mail addresses. They may be defanged; empty lines and lines that begin with # are skipped.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IndicatorSet)]
    [Alias("IOC")]
    [AllowEmptyString]
    public string[] Indicator { get; set; } = [];

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

    /// <summary>
    /// With -FromStore: a connection to the database of a shared state, such as 'Host=db.example;Database=phishme;Username=reader', or the place of a secret that has it:
    /// env:NAME, file:PATH, secret:NAME. Instead of -Store and -ConfigPath. An account that may only read will do.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Connection { get; set; }

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

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        DoOrEnd(RefuseWildcards);
        if (FromStore)
        {
            DoOrEnd(() => _stored = OpenStore(ResolveStore(Store, ConfigPath, Connection, FindSession())), Store ?? ConfigPath);
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

    // What the API and the index cannot compare: names with wildcards.
    private bool IsNamed(Threat threat) =>
        HasNamedFamilyAndBrand(threat) && (!HasPattern(Role) || threat.Indicators.Any(indicator => NamePattern.MatchesAny(Role, indicator.Role)));

    // Lists of indicators come from files with blank lines and comments.
    private static bool IsGiven(string indicator) => !string.IsNullOrWhiteSpace(indicator) && !indicator.TrimStart().StartsWith('#');

    private void RefuseWhatNeedsTheStore()
    {
        var given = Array.Find(StoreParameters, MyInvocation.BoundParameters.ContainsKey);
        if (given is not null)
        {
            throw new PhishMeException(Faults.ParameterConflict, $"-{given} needs -FromStore: it is a condition that only the local store can check.");
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
        var ids = store.Find(Array.FindAll(Indicator, IsGiven), filter, cancellationToken: cancellation).Select(match => match.ThreatId).Distinct();
        return ids.Chunk(IdsPerRequest).SelectMany(chunk => store.ReadThreats(StoredQuery(Query()) with { Ids = chunk }, cancellation));
    }

    private StoreQuery StoredQuery(ThreatQuery search) => new()
    {
        Search = search,
        MinimumImpact = MinimumImpact,
        Roles = HasPattern(Role) ? [] : Role,
        IncludeWithdrawn = IncludeWithdrawn,
    };
}
