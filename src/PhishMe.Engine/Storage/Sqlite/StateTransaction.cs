using Microsoft.Data.Sqlite;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>All changes of one batch: they take effect together, or not at all.</summary>
internal sealed class StateTransaction : IDisposable
{
    /// <summary>First retry on the next run, then in growing distance up to a day.</summary>
    private static readonly TimeSpan FirstDistance = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan LongestDistance = TimeSpan.FromDays(1);

    private readonly StateStore _store;
    private readonly SqliteTransaction _transaction;
    private readonly SyncCursor? _cursorBefore;
    private readonly string _mirroredBefore;
    private bool _committed;

    internal StateTransaction(StateStore store, SqliteTransaction transaction)
    {
        _store = store;
        _transaction = transaction;
        _cursorBefore = store.Cursor;
        _mirroredBefore = store.Mirrored;
    }

    /// <summary>Moves the cursor; remembers what config.ini shows until it is told the new position.</summary>
    public void SetCursor(SyncCursor cursor, string mirrored)
    {
        _store.Run(() =>
        {
            _store.SetCursor(cursor);
            _store.Mirror(mirrored);
            return 0;
        });
    }

    public void RecordThreat(ThreatId id, long? firstPublished, long? lastPublished, DateTimeOffset now) =>
        _store.RecordThreat(id, firstPublished, lastPublished, now);

    public void RecordWithdrawal(ThreatId id, DateTimeOffset now) =>
        Execute(
            """
            INSERT INTO threat (type, number, seen_at, withdrawn_at) VALUES ($type, $number, $now, $now)
            ON CONFLICT (type, number) DO UPDATE SET withdrawn_at = coalesce(withdrawn_at, $now)
            """,
            ("$type", (int)id.Type), ("$number", id.Number), ("$now", StateStore.Milliseconds(now)));

    public void RecordDelivery(OutputFormat format, ThreatId id, DeliveryRecord record) => _store.RecordDelivery(format, id, record);

    public void SetAppendLength(string path, long length) =>
        Execute(
            "INSERT INTO append_file (path, length) VALUES ($path, $length) ON CONFLICT (path) DO UPDATE SET length = $length",
            ("$path", path), ("$length", length));

    /// <summary>Sets a threat aside, or counts another failure of one that already is.</summary>
    public void SetAside(DeadLetter letter, DateTimeOffset now)
    {
        var tried = StateStore.Milliseconds(now);
        var attempts = (int)((_store.Run(() => _store.Command(
            "SELECT attempts FROM dead_letter WHERE subject = $subject AND format = $format",
            ("$subject", letter.Subject), ("$format", (int)letter.Format)).ExecuteScalar()) as long?) ?? 0) + 1;
        // The first retry is due at once, that is: on the next run.
        var distance = attempts == 1 ? TimeSpan.Zero : FirstDistance * Math.Pow(2, Math.Min(attempts - 2, 10));
        Execute(
            """
            INSERT INTO dead_letter (subject, format, reason, payload, first_failed_at, last_tried_at, attempts, due_at)
            VALUES ($subject, $format, $reason, $payload, $now, $now, $attempts, $due)
            ON CONFLICT (subject, format) DO UPDATE SET reason = $reason, payload = $payload, last_tried_at = $now, attempts = $attempts, due_at = $due
            """,
            ("$subject", letter.Subject), ("$format", (int)letter.Format), ("$reason", letter.Reason),
            ("$payload", letter.Payload), ("$now", tried), ("$attempts", attempts),
            ("$due", tried + (long)(distance < LongestDistance ? distance : LongestDistance).TotalMilliseconds));
    }

    /// <summary>Whether anything is set aside, that is, whether anything can be healed. One look for a batch instead of three for each of its threats.</summary>
    public bool HasDeadLetters => _store.Run(() => _store.Command("SELECT EXISTS (SELECT 1 FROM dead_letter)").ExecuteScalar()) is 1L;

    /// <returns>Whether there was such a dead letter.</returns>
    public bool Heal(ThreatId id, OutputFormat format) => Heal(id.ToString(), format);

    /// <returns>Whether it was still there.</returns>
    public bool Heal(DeadLetter letter) => Heal(letter.Subject, letter.Format);

    public void AddToOutbox(byte[] message) => Execute("INSERT INTO outbox (event) VALUES ($event)", ("$event", message));

    /// <summary>Everything up to this place in the line has arrived.</summary>
    public void RemoveFromOutbox(long upTo) => Execute("DELETE FROM outbox WHERE sequence <= $last", ("$last", upTo));

    /// <returns>Bytes of the event that gave way; 0 when none waits.</returns>
    public long DropOldestFromOutbox() =>
        _store.Run(() => _store.Command(
            "DELETE FROM outbox WHERE sequence = (SELECT min(sequence) FROM outbox) RETURNING length(event)").ExecuteScalar()) as long? ?? 0;

    /// <exception cref="PhishMeException">The file cannot be written; nothing of the batch is recorded.</exception>
    public void Commit()
    {
        _store.Run(() =>
        {
            _transaction.Commit();
            return 0;
        });
        _committed = true;
    }

    public void Dispose()
    {
        _transaction.Dispose();
        _store.Leave(_committed, _cursorBefore, _mirroredBefore);
    }

    private bool Heal(string subject, OutputFormat format) =>
        Execute("DELETE FROM dead_letter WHERE subject = $subject AND format = $format", ("$subject", subject), ("$format", (int)format)) > 0;

    private int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = _store.Command(sql, parameters);
        return _store.Run(command.ExecuteNonQuery);
    }
}
