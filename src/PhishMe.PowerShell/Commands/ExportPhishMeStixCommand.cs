using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;

namespace PhishMe.PowerShell.Commands;

/// <summary>Writes threats as STIX to a file: one STIX 2.1 bundle with all of them, or STIX 1.1.1 packages one after another.</summary>
[Cmdlet(VerbsData.Export, "PhishMeStix", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(Threat), ParameterSetName = [PathSet, LiteralPathSet, PathFromStoreSet, LiteralPathFromStoreSet])]
public sealed class ExportPhishMeStixCommand : ThreatExportCmdlet
{
    /// <summary>Threats from Get-PhishMeThreat, Sync-PhishMeIntelligence or ConvertFrom-PhishMeJson.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipeline = true)]
    public Threat[] InputObject { get; set; } = [];

    /// <summary>STIX version: 2.1 (JSON) or 1.1.1 (XML).</summary>
    [Parameter]
    [ValidateSet("2.1", "1.1.1")]
    public string Version { get; set; } = "2.1";

    /// <summary>Traffic Light Protocol (TLP) marking; of STIX, 2.1 only.</summary>
    [Parameter]
    [TlpTransformation]
    public TlpLevel Tlp { get; set; }

    /// <summary>Days after the last publication until which an indicator is valid (valid_until). Default: 0, which writes no valid_until, so that an indicator has no end. STIX 2.1 only.</summary>
    [Parameter]
    [ValidateRange(0, 3650)]
    public int ValidDays { get; set; }

    /// <inheritdoc/>
    private protected override RenderingOptions Form => new()
    {
        Format = Version == "2.1" ? RenderingFormat.Stix21 : RenderingFormat.Stix111,
        Tlp = Tlp,
        ValidDays = ValidDays,
    };

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var threat in InputObject)
        {
            Export(threat, threat);
        }
    }
}
