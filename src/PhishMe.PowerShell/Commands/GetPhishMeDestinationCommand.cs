using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Shows the destinations of an integration: how far each is, what waits for it, its last delivery and its last error.</summary>
[Cmdlet(VerbsCommon.Get, "PhishMeDestination")]
[OutputType(typeof(DestinationStatus))]
public sealed class GetPhishMeDestinationCommand : PhishMeCmdlet
{
    /// <summary>Path of the configuration file. Default: <c>config.ini</c> in the current location. Taken literally.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "Path")]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = "config.ini";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var path = ResolveFile(ConfigPath);
            RunOperation(async (engine, writer, token) =>
            {
                foreach (var destination in await engine.GetDestinationsAsync(path, token).ConfigureAwait(false))
                {
                    await writer.WriteAsync(new PumpItem(destination)).ConfigureAwait(false);
                }
            });
        }
        catch (PhishMeException exception)
        {
            WriteError(ToErrorRecord(exception, ConfigPath));
        }
    }
}
