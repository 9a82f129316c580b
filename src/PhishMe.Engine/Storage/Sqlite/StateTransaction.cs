using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>All changes of one batch in one SQLite transaction. What it does takes no time that would be worth a thread.</summary>
internal sealed class StateTransaction : IStateTransaction
{
    private readonly StateStore _store;
    private readonly SqliteTransaction _transaction;
    private readonly (SyncCursor? Cursor, long Commit, string Mirrored) _before;
    private bool _committed;
    private bool _disposed;

    internal StateTransaction(StateStore store, SqliteTransaction transaction)
    {
        _store = store;
        _transaction = transaction;
        _before = (store.Cursor, store.Commit, store.Mirrored);
    }

    public Task<bool> HasDeadLettersAsync() => Do(_store.Letters.Any);

    public Task SetCursorAsync(SyncCursor cursor, string mirrored, IReadOnlyCollection<DestinationId> destinations) => Do(() =>
    {
        var commit = _store.Commit + 1;
        _store.Session.Command(
            $"""
            INSERT INTO cursor (only_row, commits, {CursorColumns.Names}) VALUES (1, $commits, {CursorColumns.Parameters})
            ON CONFLICT (only_row) DO UPDATE SET commits = $commits, {CursorColumns.Assignments}
            """,
            [("$commits", commit), .. CursorColumns.ValuesOf(cursor)]).ExecuteNonQuery();
        _store.Cursor = cursor;
        _store.Commit = commit;
        _store.SetMirrored(mirrored);
        _store.Destinations.Advance(destinations, commit, cursor.Position);
    });

    public Task SetDestinationAsync(DestinationState state) => Do(() => _store.Destinations.Set(state));

    public Task ForgetAsync(DestinationId destination) => Do(() =>
    {
        if (_store.Destinations.FindKey(destination) is long key)
        {
            _store.Deliveries.Clear(key);
            _store.Queue.Clear(key);
        }
    });

    public Task RecordThreatsAsync(IReadOnlyCollection<SeenThreat> threats, DateTimeOffset now) =>
        Do(() => _store.Deliveries.RecordThreats(threats, now.ToUnixTimeMilliseconds()));

    public Task RecordWithdrawalsAsync(IReadOnlyCollection<ThreatId> ids, DateTimeOffset now) =>
        Do(() => _store.Deliveries.RecordWithdrawals(ids, now.ToUnixTimeMilliseconds()));

    public Task StoreAsync(IReadOnlyCollection<PreparedThreat> threats, IReadOnlyCollection<ThreatId> withdrawn, DateTimeOffset now)
    {
        var archive = _store.OpenArchive();
        return Do(() =>
        {
            var time = now.ToUnixTimeMilliseconds();
            foreach (var threat in threats)
            {
                archive.Put(threat, time);
            }

            archive.Flush(); // Here, while files are being written, and not in the commit.

            foreach (var id in withdrawn)
            {
                archive.Withdraw(id, time);
            }
        });
    }

    public Task RecordDeliveriesAsync(DestinationId destination, IReadOnlyCollection<(ThreatId Id, DeliveryRecord Record)> deliveries) =>
        Do(() => _store.Deliveries.Record(_store.Destinations.KeyOf(destination), deliveries));

    public Task SetLengthsAsync(IReadOnlyCollection<AppendLength> lengths) => Do(() =>
    {
        foreach ((var path, var length) in lengths)
        {
            _store.Session.Command(
                "INSERT INTO append_file (path, length) VALUES ($path, $length) ON CONFLICT (path) DO UPDATE SET length = $length",
                ("$path", path), ("$length", length)).ExecuteNonQuery();
        }
    });

    public Task SetAsideAsync(DeadLetter letter, DateTimeOffset now) => Do(() => _store.Letters.SetAside(letter, now));

    public Task<bool> HealAsync(DeadLetterPlace place, OutputFormat format) => Do(() => _store.Letters.Heal(place, format));

    public Task EnqueueAsync(IReadOnlyCollection<QueueItem> items) => Do(() => _store.Queue.Add(items));

    public Task DequeueAsync(IReadOnlyCollection<long> sequences) => Do(() => _store.Queue.Remove(sequences));

    public Task PostponeAsync(IReadOnlyCollection<(long Sequence, DateTimeOffset DueAt)> items) => Do(() => _store.Queue.Postpone(items));

    public Task<QueueDepth> DropOldestAsync(DestinationId destination, long bytes) => Do(() => _store.Queue.DropOldest(destination, bytes));

    public Task CommitAsync()
    {
        Commit();
        return Task.CompletedTask;
    }

    /// <exception cref="PhishMeException">The file cannot be written; nothing of the batch is recorded.</exception>
    public void Commit()
    {
        _store.Run(() =>
        {
            _store.Flush();
            _transaction.Commit();
            return 0;
        });
        _committed = true;
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _transaction.Dispose();
            _store.Leave(_committed, _before.Cursor, _before.Commit, _before.Mirrored);
        }
    }

    private Task Do(Action work) => Do(() =>
    {
        work();
        return 0;
    });

    private Task<T> Do<T>(Func<T> work) => Task.FromResult(_store.Run(work));
}
