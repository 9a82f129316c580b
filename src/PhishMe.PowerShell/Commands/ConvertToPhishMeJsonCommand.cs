using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Converts threats to JSON as received, one compact object per string.</summary>
[Cmdlet(VerbsData.ConvertTo, "PhishMeJson")]
[OutputType(typeof(string))]
public sealed class ConvertToPhishMeJsonCommand : ThreatConversionCmdlet
{
    /// <inheritdoc/>
    private protected override RenderingOptions Form => new() { Format = RenderingFormat.Json };
}
