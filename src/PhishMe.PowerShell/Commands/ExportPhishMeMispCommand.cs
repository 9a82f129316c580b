using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Writes threats as MISP events into a file that MISP imports.</summary>
[Cmdlet(VerbsData.Export, "PhishMeMisp", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(Threat), ParameterSetName = [PathSet, LiteralPathSet, PathFromStoreSet, LiteralPathFromStoreSet])]
public sealed class ExportPhishMeMispCommand : ThreatExportCmdlet
{
    /// <summary>Threats, as Get-PhishMeThreat, Sync-PhishMeIntelligence and ConvertFrom-PhishMeJson emit them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipeline = true)]
    public Threat[] InputObject { get; set; } = [];

    /// <summary>Traffic light marking of the events.</summary>
    [Parameter]
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
