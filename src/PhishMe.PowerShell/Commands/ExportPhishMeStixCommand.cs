using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Writes threats as STIX into a file: one STIX 2.1 bundle around all of them, or STIX 1.1.1 packages one after another.</summary>
[Cmdlet(VerbsData.Export, "PhishMeStix", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(Threat), ParameterSetName = [PathSet, LiteralPathSet, PathFromStoreSet, LiteralPathFromStoreSet])]
public sealed class ExportPhishMeStixCommand : ThreatExportCmdlet
{
    /// <summary>Threats, as Get-PhishMeThreat, Sync-PhishMeIntelligence and ConvertFrom-PhishMeJson emit them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipeline = true)]
    public Threat[] InputObject { get; set; } = [];

    /// <summary>Version of STIX: 2.1 (JSON bundle) or 1.1.1 (XML packages).</summary>
    [Parameter]
    [ValidateSet("2.1", "1.1.1")]
    public string Version { get; set; } = "2.1";

    /// <summary>Traffic light marking of the objects; STIX 2.1 only.</summary>
    [Parameter]
    public TlpLevel Tlp { get; set; }

    /// <inheritdoc/>
    private protected override RenderingOptions Form => new()
    {
        Format = Version == "2.1" ? RenderingFormat.Stix21 : RenderingFormat.Stix111,
        Tlp = Tlp,
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
