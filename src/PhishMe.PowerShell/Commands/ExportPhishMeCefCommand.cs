using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Writes threats as CEF to a file, one event per line.</summary>
[Cmdlet(VerbsData.Export, "PhishMeCef", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(Threat), ParameterSetName = [PathSet, LiteralPathSet, PathFromStoreSet, LiteralPathFromStoreSet])]
public sealed class ExportPhishMeCefCommand : ThreatExportCmdlet
{
    /// <summary>Threats from Get-PhishMeThreat, Sync-PhishMeIntelligence or ConvertFrom-PhishMeJson.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipeline = true)]
    public Threat[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    private protected override RenderingOptions Form => new() { Format = RenderingFormat.Cef };

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var threat in InputObject)
        {
            Export(threat, threat);
        }
    }
}
