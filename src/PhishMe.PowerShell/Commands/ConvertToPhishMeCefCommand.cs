using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Converts threats to CEF, one string per event.</summary>
[Cmdlet(VerbsData.ConvertTo, "PhishMeCef")]
[OutputType(typeof(string))]
public sealed class ConvertToPhishMeCefCommand : ThreatConversionCmdlet
{
    /// <inheritdoc/>
    private protected override RenderingOptions Form => new() { Format = RenderingFormat.Cef };

    /// <inheritdoc/>
    private protected override bool EmitsLines => true;
}
