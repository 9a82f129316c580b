using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;
using PhishMe.PowerShell.Completion;

namespace PhishMe.PowerShell.Commands;

/// <summary>
/// Emits the threats that are new since a named position and moves the position past each one. Wherever this call stops, the next one continues with the
/// next threat.
/// </summary>
[Cmdlet(VerbsData.Sync, "PhishMeIntelligence", SupportsShouldProcess = true)]
[OutputType(typeof(Threat))]
public sealed class SyncPhishMeIntelligenceCommand : PhishMeSessionCmdlet
{
    /// <summary>Name of the position.</summary>
    [Parameter(Position = 0)]
    [Alias("Name")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PositionCompleter))]
    public string Position { get; set; } = NamedPosition.DefaultName;

    /// <summary>Start the position again, with threats published at this time or later. A time without a zone is UTC.</summary>
    [Parameter]
    public DateTime? Since { get; set; }

    /// <summary>
    /// A state file that stores the threats before they are emitted and marks withdrawn ones. It is created if it is missing. Find-PhishMeIndicator -Store
    /// reads it. Taken literally.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var session = RequireSession();
        var since = PointInTime.Of(Since);
        if (!ShouldProcess($"position '{Position}'", since is null ? "Sync, and move it" : $"Sync from {since:u}, and move it"))
        {
            return;
        }

        IThreatSync? sync = null;
        try
        {
            DoOrEnd(() => sync = session.Port.OpenSync(Position, since, Store is null ? null : ResolveFile(Store, Faults.PathInvalid)), Position);
            RunOrEnd(
                async (_, writer, cancellation) =>
                {
                    await foreach (var batch in sync!.ReadAsync(writer, cancellation).ConfigureAwait(false))
                    {
                        await TellAsync(writer, batch, session, sync.Take).ConfigureAwait(false);

                        // The position moves when the next batch is asked for: not before the consumer has this one.
                        await writer.BarrierAsync().ConfigureAwait(false);
                    }
                },
                Position);
        }
        finally
        {
            Close(sync);
        }
    }

    // On this thread: whatever stopped the pipeline, the next command finds the position where the consumer is.
    private void Close(IThreatSync? sync)
    {
        try
        {
            sync?.Dispose();
        }
        catch (PhishMeException exception)
        {
            WriteError(ToErrorRecord(exception, Position));
        }
    }
}
