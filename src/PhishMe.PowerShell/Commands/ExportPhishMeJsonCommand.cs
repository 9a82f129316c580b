using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Writes threats as received to a file, one compact JSON object per line.</summary>
[Cmdlet(VerbsData.Export, "PhishMeJson", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(Threat), ParameterSetName = [PathSet, LiteralPathSet, PathFromStoreSet, LiteralPathFromStoreSet])]
public sealed class ExportPhishMeJsonCommand : ThreatExportCmdlet
{
    /// <summary>Threats from Get-PhishMeThreat, Sync-PhishMeIntelligence or ConvertFrom-PhishMeJson.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipeline = true)]
    public Threat[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    private protected override RenderingOptions Form => new() { Format = RenderingFormat.Json };

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var threat in InputObject)
        {
            Export(threat, threat);
        }
    }
}
