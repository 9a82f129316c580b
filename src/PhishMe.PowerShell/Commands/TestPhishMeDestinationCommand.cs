using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Completion;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Checks that destinations can be reached and would accept threats, without writing anything. A failed check is a result, not an error.</summary>
[Cmdlet(VerbsDiagnostic.Test, "PhishMeDestination")]
[OutputType(typeof(CheckResult))]
[OutputType(typeof(bool))]
public sealed class TestPhishMeDestinationCommand : PhishMeCmdlet
{
    /// <summary>Ids of destinations, as Get-PhishMeDestination shows them. Wildcards are allowed. Default: all destinations in use.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(DestinationCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Path of the configuration file. Default: <c>config.ini</c> in the current location. Taken literally.</summary>
    [Parameter]
    [Alias("Path")]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = "config.ini";

    /// <summary>Emit only true or false: whether no check failed.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var path = ResolveFile(ConfigPath);
            RunOperation(async (engine, writer, cancellation) =>
            {
                var good = true;
                await foreach (var result in engine.CheckDestinationsAsync(path, Name, cancellation).ConfigureAwait(false))
                {
                    good &= result.Outcome != CheckOutcome.Fail;
                    if (!Quiet)
                    {
                        await writer.WriteAsync(new PumpItem(result)).ConfigureAwait(false);
                    }
                }

                if (Quiet)
                {
                    await writer.WriteAsync(new PumpItem(good)).ConfigureAwait(false);
                }
            });
        }
        catch (PhishMeException exception)
        {
            WriteError(ToErrorRecord(exception, Name.Length == 0 ? ConfigPath : string.Join(", ", Name)));
        }
    }
}
