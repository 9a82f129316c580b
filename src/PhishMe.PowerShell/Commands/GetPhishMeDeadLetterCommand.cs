using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Shows the single threats that an integration could not fetch or write and set aside. Later runs try them again.</summary>
[Cmdlet(VerbsCommon.Get, "PhishMeDeadLetter")]
[OutputType(typeof(DeadLetterRecord))]
public sealed class GetPhishMeDeadLetterCommand : PhishMeHistoryCmdlet
{
    /// <inheritdoc/>
    private protected override IEnumerable<object> Read(IIntelligenceEngine engine, string configuration) => engine.GetDeadLetters(configuration);
}
