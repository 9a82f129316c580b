using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;

namespace PhishMe.PowerShell.Commands;

/// <summary>Converts threats to MISP events, one event per string.</summary>
[Cmdlet(VerbsData.ConvertTo, "PhishMeMisp")]
[OutputType(typeof(string))]
public sealed class ConvertToPhishMeMispCommand : ThreatConversionCmdlet
{
    /// <summary>Traffic Light Protocol (TLP) marking.</summary>
    [Parameter]
    [TlpTransformation]
    public TlpLevel Tlp { get; set; }

    /// <inheritdoc/>
    private protected override RenderingOptions Form => new() { Format = RenderingFormat.Misp, Tlp = Tlp };
}
