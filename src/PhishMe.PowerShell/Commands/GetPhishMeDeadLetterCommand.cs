using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Shows the single threats that an integration could not get or write and set aside; later runs ask for them again.</summary>
[Cmdlet(VerbsCommon.Get, "PhishMeDeadLetter")]
[OutputType(typeof(DeadLetterRecord))]
public sealed class GetPhishMeDeadLetterCommand : PhishMeCmdlet
{
    /// <summary>Path of the configuration file; <c>config.ini</c> in the current location unless given. Taken literally.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "Path")]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = "config.ini";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            string path = ResolveFile(ConfigPath);
            RunOperation(async (engine, writer, _) =>
            {
                foreach (DeadLetterRecord letter in engine.GetDeadLetters(path))
                {
                    await writer.WriteAsync(new PumpItem(letter)).ConfigureAwait(false);
                }
            });
        }
        catch (PhishMeException exception)
        {
            WriteError(ToErrorRecord(exception, ConfigPath));
        }
    }
}
