using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;

namespace PhishMe.PowerShell.Commands;

/// <summary>Shows what past runs of an integration did, newest first.</summary>
[Cmdlet(VerbsCommon.Get, "PhishMeRun")]
[OutputType(typeof(RunSummary))]
public sealed class GetPhishMeRunCommand : PhishMeHistoryCmdlet
{
    /// <summary>Maximum number of runs; the newest ones are shown.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int First { get; set; } = 1000;

    /// <summary>Only runs that began at this time or later. A time without a zone is UTC.</summary>
    [Parameter]
    public DateTime? Since { get; set; }

    /// <summary>Only runs that ended with a fault.</summary>
    [Parameter]
    public SwitchParameter Failed { get; set; }

    /// <inheritdoc/>
    private protected override IEnumerable<object> Read(IIntelligenceEngine engine, string configuration)
    {
        // All of them, because the filter comes afterwards; the state file keeps 1000.
        var since = PointInTime.Of(Since);
        var most = Failed ? int.MaxValue : First;
        return engine.GetRuns(configuration, most)
            .Where(run => !(run.StartedAt < since) && (!Failed || run.Fault is not null))
            .Take(First)
            .Select(InHistory);
    }

    // A history is a table; one summary by itself is a list.
    private static PSObject InHistory(RunSummary run)
    {
        PSObject row = new(run);
        row.TypeNames.Insert(0, typeof(RunSummary).FullName + "#History");
        return row;
    }
}
