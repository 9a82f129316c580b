using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;
using PhishMe.PowerShell.Completion;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Emits the indicators of threats one by one, each with its kind, impact, role and threat.</summary>
[Cmdlet(VerbsCommon.Get, "PhishMeIndicator", DefaultParameterSetName = ThreatSet)]
[OutputType(typeof(Indicator))]
public sealed class GetPhishMeIndicatorCommand : ThreatIdCmdlet
{
    private const string ThreatSet = "Threat";
    private const string PublishedSet = "Published";

    /// <summary>Threats from other commands. Needs no session.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ThreatSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public Threat[] InputObject { get; set; } = [];

    /// <summary>Get only the indicators of threats published at this time or later, without the threats: less detail, fewer bytes. A time without a zone is UTC.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PublishedSet)]
    [Alias("PublishedAfter")]
    public DateTime Since { get; set; }

    /// <summary>Only these kinds.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public IndicatorKind[]? Kind { get; set; }

    /// <summary>Only these impacts.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public Impact[]? Impact { get; set; }

    /// <summary>Only these roles; wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SeenRoleCompleter))]
    public string[]? Role { get; set; }

    /// <summary>Only these malware families; wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SeenFamilyCompleter))]
    public string[]? Family { get; set; }

    /// <summary>Leave out corollary indicators, which are for correlation only and must not be blocked: senders, subjects, resources of pages.</summary>
    [Parameter]
    public SwitchParameter ExcludeCorollary { get; set; }

    private WildcardPattern[]? _roles;
    private WildcardPattern[]? _families;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _roles = Patterns(Role);
        _families = Patterns(Family);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case ThreatSet:
                foreach (var indicator in InputObject.SelectMany(threat => threat.Indicators).Where(IsWanted))
                {
                    Emit(indicator);
                }

                break;
            case IdSet:
                Collect(type: null);
                break;
            default:
                Search();
                break;
        }
    }

    private static WildcardPattern[]? Patterns(string[]? texts) =>
        texts is null ? null : Array.ConvertAll(texts, text => new WildcardPattern(text, WildcardOptions.IgnoreCase));

    private static bool Matches(WildcardPattern[]? patterns, string? value) =>
        patterns is null || (value is not null && patterns.Any(pattern => pattern.IsMatch(value)));

    private bool IsWanted(Indicator indicator) =>
        (Kind is null || Kind.Contains(indicator.Kind))
        && (Impact is null || (indicator.Impact is Impact impact && Impact.Contains(impact)))
        && Matches(_roles, indicator.Role)
        && Matches(_families, indicator.Family)
        && !(ExcludeCorollary && indicator.Corollary);

    /// <inheritdoc/>
    private protected override void Fetch(ThreatId[] ids)
    {
        var session = RequireSession();
        RunOrEnd(
            async (_, writer, cancellation) =>
            {
                await foreach (var batch in session.Port.GetThreatsAsync(ids, writer, cancellation).ConfigureAwait(false))
                {
                    await TellAsync(writer, batch.Missed).ConfigureAwait(false);
                    foreach (var threat in batch.Threats)
                    {
                        session.Seen.Add(threat);
                        foreach (var indicator in threat.Indicators.Where(IsWanted))
                        {
                            await writer.WriteAsync(new PumpItem(indicator)).ConfigureAwait(false);
                        }
                    }
                }
            },
            ids);
    }

    private void Search()
    {
        var session = RequireSession();
        var since = PointInTime.Of(Since);
        RunOrEnd(async (_, writer, cancellation) =>
        {
            await foreach (var indicator in session.Port.GetIndicatorsAsync(since, writer, cancellation).ConfigureAwait(false))
            {
                session.Seen.Add(indicator);
                if (IsWanted(indicator))
                {
                    await writer.WriteAsync(new PumpItem(indicator)).ConfigureAwait(false);
                }
            }
        });
    }
}
