using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Turns threats into STIX, one bundle or package per string.</summary>
[Cmdlet(VerbsData.ConvertTo, "PhishMeStix")]
[OutputType(typeof(string))]
public sealed class ConvertToPhishMeStixCommand : ThreatConversionCmdlet
{
    /// <summary>Version of STIX: 2.1 (JSON bundle) or 1.1.1 (XML package).</summary>
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
}
