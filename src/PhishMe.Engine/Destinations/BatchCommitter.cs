using PhishMe.Engine.Running;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Destinations;

/// <summary>
/// The order of commitment: every output has the batch on the disk, then one transaction records it, and only then does config.ini show the
/// new position. A kill between any two of these steps is repaired by the next run.
/// </summary>
internal sealed class BatchCommitter(
    StateStore state,
    ThreatStoring? storing,
    IReadOnlyList<Output> outputs,
    string mirrored,
    Func<string, bool> mirrorPosition,
    TimeProvider clock,
    SecretMask mask,
    ILogger log,
    Action<string>? step)
{
    /// <summary>The position config.ini shows.</summary>
    public string Mirrored { get; private set; } = mirrored;

    public int Received { get; private set; }

    public int Expired { get; private set; }

    public int Withdrawn { get; private set; }

    public int SetAside { get; private set; }

    public int Healed { get; private set; }

    /// <summary>Makes up for the files that other programs held in earlier runs.</summary>
    public void RetryHeld()
    {
        var now = clock.GetUtcNow();
        foreach ((var healed, var held) in outputs.Select(output => output.RetryHeld(state, now)))
        {
            Healed += healed;
            SetAside += held;
        }
    }

    /// <summary>Delivers and commits one batch.</summary>
    /// <exception cref="PhishMeException">An output or the state file could not be written; the batch is not committed.</exception>
    public async Task CommitAsync(Batch batch, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var output in outputs)
        {
            output.Choose(batch, state, now);
        }

        using (var transaction = state.Begin())
        {
            // Recorded while it is being written, committed when it is on the disk.
            var written = Task.WhenAll(outputs.Select(output => output.WriteAsync(batch, cancellationToken)));
            try
            {
                Record(batch, transaction, now);
                step?.Invoke("state-recorded");
            }
            finally
            {
                await written.ConfigureAwait(false);
            }

            SetAside += outputs.Sum(output => output.RecordHeld(transaction, now));
            step?.Invoke("state-before-commit");
            transaction.Commit();
        }

        step?.Invoke("state-after-commit");
        foreach (var output in outputs)
        {
            output.Commit();
        }

        var position = batch.After.Position ?? string.Empty;
        if (position != Mirrored && mirrorPosition(position))
        {
            Mirrored = position;
        }
    }

    private void Record(Batch batch, StateTransaction transaction, DateTimeOffset now)
    {
        foreach (var unit in batch.Threats)
        {
            transaction.RecordThreat(unit.Id, unit.FirstPublished, unit.LastPublished, now);
            log.Information(unit.Expired ? "{Threat} is an update of an expired threat; recorded only" : "{Threat}", unit.Id);
            Expired += unit.Expired ? 1 : 0;
        }

        foreach (var id in batch.Withdrawn)
        {
            transaction.RecordWithdrawal(id, now);
            log.Information("{Threat} was withdrawn", id);
        }

        if (transaction.HasDeadLetters)
        {
            Heal(batch, transaction);
        }

        foreach (var letter in batch.Healed)
        {
            Healed += transaction.Heal(letter) ? 1 : 0;
            log.Information("{Subject} in {Format} is healed", letter.Subject, letter.Format);
        }

        foreach (var letter in batch.SetAside)
        {
            transaction.SetAside(letter with { Reason = mask.Hide(letter.Reason), Payload = mask.Hide(letter.Payload) }, now);
            log.Warning("{Subject} in {Format} is set aside: {Reason}", letter.Subject, letter.Format, letter.Reason);
        }

        storing?.Record(batch, now);
        foreach (var output in outputs)
        {
            output.Record(transaction, batch.After.Generation, now);
        }

        transaction.SetCursor(batch.After, Mirrored);
        Received += batch.Threats.Count;
        Withdrawn += batch.Withdrawn.Count;
        SetAside += batch.SetAside.Count;
    }

    /// <summary>What came after all is no dead letter any more; nor is what nobody wants any more.</summary>
    private void Heal(Batch batch, StateTransaction transaction)
    {
        var formats = Enum.GetValues<OutputFormat>();
        foreach (var unit in batch.Threats)
        {
            foreach (var format in formats.Where(format => unit.In(format) is not null && transaction.Heal(unit.Id, format)))
            {
                Healed++;
                log.Information("{Threat} in {Format} is healed", unit.Id, format);
            }
        }

        foreach (var id in batch.Withdrawn)
        {
            foreach (var format in formats)
            {
                transaction.Heal(id, format);
            }
        }
    }
}
