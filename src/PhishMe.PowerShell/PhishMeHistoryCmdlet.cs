using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell;

/// <summary>What the cmdlets share that show what the runs of an integration left in its state file.</summary>
public abstract class PhishMeHistoryCmdlet : PhishMeCmdlet
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
            RunOperation(async (engine, writer, _) =>
            {
                foreach (var record in Read(engine, path))
                {
                    await writer.WriteAsync(new PumpItem(record)).ConfigureAwait(false);
                }
            });
        }
        catch (PhishMeException exception)
        {
            WriteError(ToErrorRecord(exception, ConfigPath));
        }
    }

    /// <summary>Reads what is to be shown.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="configuration">Full path of the configuration file.</param>
    /// <returns>What goes to the pipeline.</returns>
    private protected abstract IEnumerable<object> Read(IIntelligenceEngine engine, string configuration);
}
