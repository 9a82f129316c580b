using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Writes indicators into a file: plain values for a firewall or proxy, each once and in order, or rows of CSV.</summary>
[Cmdlet(VerbsData.Export, "PhishMeIndicatorList", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(Threat), typeof(Indicator), ParameterSetName = [PathSet, LiteralPathSet])]
public sealed class ExportPhishMeIndicatorListCommand : ThreatExportCmdlet
{
    /// <summary>Threats, of which all indicators are meant, or single indicators.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public PSObject[] InputObject { get; set; } = [];

    /// <summary>Plain values, or rows of CSV with a header.</summary>
    [Parameter]
    [ValidateSet("List", "Csv")]
    public string Format { get; set; } = "List";

    /// <summary>The kinds of indicators wanted; all unless given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public IndicatorKind[] Kind { get; set; } = [];

    /// <summary>The lowest impact wanted. With it what is not rated is left out.</summary>
    [Parameter]
    public Impact MinimumImpact { get; set; }

    /// <summary>Also what is for correlation only: senders, subjects, web components. Never block these.</summary>
    [Parameter]
    public SwitchParameter IncludeCorollary { get; set; }

    /// <summary>URLs without http:// or https://, as lists of URL filters want them; of no effect on CSV.</summary>
    [Parameter]
    public SwitchParameter WithoutScheme { get; set; }

    /// <inheritdoc/>
    private protected override RenderingOptions Rendering => new()
    {
        Format = Format.Equals("Csv", StringComparison.OrdinalIgnoreCase) ? RenderingFormat.Csv : RenderingFormat.List,
        Kinds = Kind.Length == 0 ? null : Kind.ToHashSet(),
        MinimumImpact = MyInvocation.BoundParameters.ContainsKey(nameof(MinimumImpact)) ? MinimumImpact : null,
        IncludeCorollary = IncludeCorollary,
        WithoutScheme = WithoutScheme,
    };

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (PSObject item in InputObject)
        {
            switch (item.BaseObject)
            {
                case Threat threat:
                    Export(threat, threat);
                    break;
                case Indicator indicator:
                    Export(Around(indicator), indicator);
                    break;
                default:
                    WriteError(ToErrorRecord(
                        new PhishMeException(Faults.InputInvalid, $"An object of the type {item.BaseObject.GetType()} is neither a threat nor an indicator."), item));
                    break;
            }
        }
    }

    private static Threat Around(Indicator indicator) => new()
    {
        Id = indicator.ThreatId,
        FirstPublished = indicator.FirstPublished,
        LastPublished = indicator.LastPublished,
        Brands = indicator.Brands,
        ThreatDetailUri = indicator.ThreatDetailUrl,
        Indicators = [indicator],
    };
}
