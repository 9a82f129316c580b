using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;

namespace PhishMe.PowerShell.Commands;

/// <summary>Writes threats as MISP events to a file that MISP can import.</summary>
[Cmdlet(VerbsData.Export, "PhishMeMisp", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(Threat), ParameterSetName = [PathSet, LiteralPathSet, PathFromStoreSet, LiteralPathFromStoreSet])]
public sealed class ExportPhishMeMispCommand : ThreatExportCmdlet
{
    /// <summary>Threats from Get-PhishMeThreat, Sync-PhishMeIntelligence or ConvertFrom-PhishMeJson.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipeline = true)]
    public Threat[] InputObject { get; set; } = [];

    /// <summary>Traffic Light Protocol (TLP) marking.</summary>
    [Parameter]
    [TlpTransformation]
    public TlpLevel Tlp { get; set; }

    /// <inheritdoc/>
    private protected override RenderingOptions Form => new() { Format = RenderingFormat.Misp, Tlp = Tlp };

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var threat in InputObject)
        {
            Export(threat, threat);
        }
    }
}
