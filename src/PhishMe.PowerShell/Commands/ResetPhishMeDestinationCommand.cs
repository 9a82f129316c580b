using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Starts a destination over: the next run delivers everything to it again. Other destinations are not affected.</summary>
[Cmdlet(VerbsCommon.Reset, "PhishMeDestination", SupportsShouldProcess = true)]
[OutputType(typeof(DestinationStatus))]
public sealed class ResetPhishMeDestinationCommand : PhishMeCmdlet
{
    /// <summary>Id of the destination, as Get-PhishMeDestination shows it.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Path of the configuration file. Default: <c>config.ini</c> in the current location. Taken literally.</summary>
    [Parameter]
    [Alias("Path")]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = "config.ini";

    /// <summary>Emit the destination.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var id in Id)
        {
            if (!ShouldProcess($"destination '{id}'", "Deliver everything again"))
            {
                continue;
            }

            try
            {
                var path = ResolveFile(ConfigPath);
                RunOperation(async (engine, writer, token) =>
                {
                    var destination = await engine.ResetDestinationAsync(path, id, token).ConfigureAwait(false);
                    if (PassThru)
                    {
                        await writer.WriteAsync(new PumpItem(destination)).ConfigureAwait(false);
                    }
                });
            }
            catch (PhishMeException exception)
            {
                WriteError(ToErrorRecord(exception, id));
            }
        }
    }
}
