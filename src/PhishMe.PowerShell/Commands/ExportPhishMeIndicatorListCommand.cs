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

    /// <summary>Include what the vendor calls benign: impact None, roles such as IDinfo, files of ordinary programs that malware uses.</summary>
    [Parameter]
    public SwitchParameter IncludeBenign { get; set; }

    /// <summary>Include private, loopback, link-local, multicast and other unroutable addresses, and names and URLs that lead to them, such as localhost.</summary>
    [Parameter]
    public SwitchParameter IncludePrivateAddress { get; set; }

    /// <summary>Include the hashes of the file without content, which match every empty file.</summary>
    [Parameter]
    public SwitchParameter IncludeEmptyFile { get; set; }

    /// <summary>
    /// Write cells of CSV as they are, for programs. Otherwise a cell that a spreadsheet takes for a formula, because it begins with = + - or @, begins
    /// with an apostrophe. No effect on lists.
    /// </summary>
    [Parameter]
    public SwitchParameter KeepFormula { get; set; }

    /// <summary>Write URLs without http:// or https://, for URL filters that expect that. No effect on CSV.</summary>
    [Parameter]
    public SwitchParameter WithoutScheme { get; set; }

    /// <inheritdoc/>
    private protected override RenderingOptions Form => new()
    {
        Format = Format.Equals("Csv", StringComparison.OrdinalIgnoreCase) ? RenderingFormat.Csv : RenderingFormat.List,
        IncludeCorollary = IncludeCorollary,
        IncludeBenign = IncludeBenign,
        IncludePrivateAddresses = IncludePrivateAddress,
        IncludeEmptyFile = IncludeEmptyFile,
        KeepFormulas = KeepFormula,
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
