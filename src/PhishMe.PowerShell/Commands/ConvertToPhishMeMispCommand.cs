using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Turns threats into MISP events, one event per string.</summary>
[Cmdlet(VerbsData.ConvertTo, "PhishMeMisp")]
[OutputType(typeof(string))]
public sealed class ConvertToPhishMeMispCommand : ThreatConversionCmdlet
{
    /// <summary>Traffic light marking of the event.</summary>
    [Parameter]
    public TlpLevel Tlp { get; set; }

    /// <inheritdoc/>
    private protected override RenderingOptions Form => new() { Format = RenderingFormat.Misp, Tlp = Tlp };
}
