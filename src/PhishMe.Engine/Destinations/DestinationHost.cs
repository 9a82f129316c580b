using PhishMe.Engine.Files;
using PhishMe.Engine.Storage;
using Serilog;

namespace PhishMe.Engine.Destinations;

/// <summary>What a run lends to a destination.</summary>
internal sealed record DestinationHost
{
    public required DestinationId Id { get; init; }

    public required TimeProvider Clock { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Version of the product, for a User-Agent.</summary>
    public required string Version { get; init; }

    /// <summary>[local_proxy]; null when not in use.</summary>
    public Configuration.ProxySettings? Proxy { get; init; }

    /// <summary>Whether nothing may be changed outside: count what would be done.</summary>
    public bool DryRun { get; init; }

    /// <summary>Whether the last run ended in the middle, so that what it left behind is to be removed.</summary>
    public bool Repair { get; init; }

    /// <summary>Whether the state file was lost: what a file holds beyond whole lines was written by a run that was killed.</summary>
    public bool StateWasLost { get; init; }

    /// <summary>Lengths of append files after the newest commit, by path; null for a file that the state does not know.</summary>
    public required Func<string, long?> CommittedLength { get; init; }

    /// <summary>Full path of the journal of batches; null where the next run repeats a batch that was not committed: with a state of this host alone.</summary>
    public string? JournalPath { get; init; }

    /// <summary>What the target of this destination has of us.</summary>
    public required IDestinationLedger Ledger { get; init; }

    /// <summary>Throws when another host took over the run; called before a target is changed.</summary>
    public Func<CancellationToken, Task> ConfirmLease { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Renames and deletes files that other programs may hold.</summary>
    public required PatientFiles Files { get; init; }

    /// <summary>A folder on a disk of this machine for what does not fit into memory.</summary>
    public string TemporaryFolder { get; init; } = Path.GetTempPath();

    /// <summary>Adds a warning to the log and the summary.</summary>
    public required Action<string> Warn { get; init; }

    /// <summary>Receives the name of each step: the seam at which tests end a run. Null in production.</summary>
    public Action<string>? Step { get; init; }
}
