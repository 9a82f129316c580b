using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Writes indicators to a file: plain, sorted, unique values for a firewall or proxy, or rows of CSV.</summary>
[Cmdlet(VerbsData.Export, "PhishMeIndicatorList", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(Threat), typeof(Indicator), ParameterSetName = [PathSet, LiteralPathSet, PathFromStoreSet, LiteralPathFromStoreSet])]
public sealed class ExportPhishMeIndicatorListCommand : ThreatExportCmdlet
{
    /// <summary>Threats, with all their indicators, or single indicators.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipeline = true)]
    public PSObject[] InputObject { get; set; } = [];

    /// <summary>Plain values, or rows of CSV with a header.</summary>
    [Parameter]
    [ValidateSet("List", "Csv")]
    public string Format { get; set; } = "List";

    /// <summary>Include corollary indicators, which are for correlation only: senders, subjects, web components. Never block these.</summary>
    [Parameter]
    public SwitchParameter IncludeCorollary { get; set; }

    /// <summary>Write URLs without http:// or https://, for URL filters that expect that. No effect on CSV.</summary>
    [Parameter]
    public SwitchParameter WithoutScheme { get; set; }

    /// <inheritdoc/>
    private protected override RenderingOptions Form => new()
    {
        Format = Format.Equals("Csv", StringComparison.OrdinalIgnoreCase) ? RenderingFormat.Csv : RenderingFormat.List,
        IncludeCorollary = IncludeCorollary,
        WithoutScheme = WithoutScheme,
    };

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var item in InputObject)
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
        Brands = indicator.Brands?.Split("; ") ?? [],
        Families = indicator.Family is null ? [] : [indicator.Family],
        DeliveryMechanisms = indicator.DeliveryMechanism is null ? [] : [indicator.DeliveryMechanism],
        ThreatDetailUri = indicator.ThreatDetailUrl,
        Indicators = [indicator],
    };
}
