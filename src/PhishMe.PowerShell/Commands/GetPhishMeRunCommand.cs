using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Shows what past runs of an integration did, newest first.</summary>
[Cmdlet(VerbsCommon.Get, "PhishMeRun")]
[OutputType(typeof(RunSummary))]
public sealed class GetPhishMeRunCommand : PhishMeCmdlet
{
    /// <summary>Path of the configuration file; <c>config.ini</c> in the current location unless given. Taken literally.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "Path")]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = "config.ini";

    /// <summary>How many runs at most, the newest of them.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int First { get; set; } = 1000;

    /// <summary>Only runs that began at or after this time.</summary>
    [Parameter]
    public DateTimeOffset Since { get; set; }

    /// <summary>Only runs that ended with a fault.</summary>
    [Parameter]
    public SwitchParameter Failed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            string path = ResolveFile(ConfigPath);
            RunOperation(async (engine, writer, _) =>
            {
                // All of them when something is sifted out afterwards; the state file keeps 1000.
                int most = Failed ? int.MaxValue : First;
                IEnumerable<RunSummary> runs = engine.GetRuns(path, most).Where(run => run.StartedAt >= Since && (!Failed || run.Fault is not null));
                foreach (RunSummary run in runs.Take(First))
                {
                    // A history is a table; one summary by itself is a list.
                    PSObject row = new(run);
                    row.TypeNames.Insert(0, typeof(RunSummary).FullName + "#History");
                    await writer.WriteAsync(new PumpItem(row)).ConfigureAwait(false);
                }
            });
        }
        catch (PhishMeException exception)
        {
            WriteError(ToErrorRecord(exception, ConfigPath));
        }
    }
}
