using Npgsql;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>All changes of one batch in one transaction of the server.</summary>
internal sealed class SharedStateTransaction : IStateTransaction
{
    private readonly SharedStateStore _store;
    private readonly NpgsqlTransaction _transaction;
    private readonly (SyncCursor? Cursor, long Commit, (string Mirrored, string Committed, bool IsKnown) Host) _before;
    private bool _committed;
    private bool _disposed;

    internal SharedStateTransaction(SharedStateStore store, NpgsqlTransaction transaction)
    {
        _store = store;
        _transaction = transaction;
        _before = (store.Cursor, store.Commit, (store.Mirrored, store.Committed, store.IsKnown));
    }

    public Task<bool> HasDeadLettersAsync() => DoAsync(_store.Letters.AnyAsync);

    public Task SetCursorAsync(SyncCursor cursor, string mirrored, IReadOnlyCollection<DestinationId> destinations) => DoAsync(async () =>
    {
        var commit = _store.Commit + 1;
        await _store.Session.ExecuteAsync(
            $"""
            INSERT INTO cursor (only_row, commits, {SharedCursor.Names}) VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (only_row) DO UPDATE SET commits = excluded.commits, {SharedCursor.Excluded}
            """,
            [commit, .. SharedCursor.ValuesOf(cursor)]).ConfigureAwait(false);
        await _store.SetMirroredAsync(mirrored, cursor.Position ?? string.Empty).ConfigureAwait(false);
        await _store.Destinations.AdvanceAsync(destinations, commit, cursor.Position).ConfigureAwait(false);
        (_store.Cursor, _store.Commit) = (cursor, commit);
    });

    public Task SetDestinationAsync(DestinationState state) => DoAsync(() => _store.Destinations.SetAsync(state));

    public Task ForgetAsync(DestinationId destination) => DoAsync(async () =>
    {
        if (await _store.Destinations.FindKeyAsync(destination).ConfigureAwait(false) is int key)
        {
            await _store.Deliveries.ClearAsync(key).ConfigureAwait(false);
            await _store.Queue.ClearAsync(key).ConfigureAwait(false);
        }
    });

    public Task RecordThreatsAsync(IReadOnlyCollection<SeenThreat> threats, DateTimeOffset now) =>
        DoAsync(() => _store.Deliveries.RecordThreatsAsync(threats, now.ToUnixTimeMilliseconds()));

    public Task RecordWithdrawalsAsync(IReadOnlyCollection<ThreatId> ids, DateTimeOffset now) =>
        DoAsync(() => _store.Deliveries.RecordWithdrawalsAsync(ids, now.ToUnixTimeMilliseconds()));

    public Task StoreAsync(IReadOnlyCollection<PreparedThreat> threats, IReadOnlyCollection<ThreatId> withdrawn, DateTimeOffset now) => DoAsync(async () =>
    {
        await _store.Threats.PutAsync(threats, now.ToUnixTimeMilliseconds()).ConfigureAwait(false);
        await _store.Threats.WithdrawAsync(withdrawn, now.ToUnixTimeMilliseconds()).ConfigureAwait(false);
    });

    public Task RecordDeliveriesAsync(DestinationId destination, IReadOnlyCollection<(ThreatId Id, DeliveryRecord Record)> deliveries) => DoAsync(async () =>
        await _store.Deliveries.RecordAsync(await _store.Destinations.KeyOfAsync(destination).ConfigureAwait(false), deliveries).ConfigureAwait(false));

    public Task SetLengthsAsync(IReadOnlyCollection<AppendLength> lengths) => DoAsync(() => _store.SetLengthsAsync(lengths));

    public Task SetAsideAsync(DeadLetter letter, DateTimeOffset now) => DoAsync(() => _store.Letters.SetAsideAsync(letter, now));

    public Task<bool> HealAsync(DeadLetterPlace place, OutputFormat format) => DoAsync(() => _store.Letters.HealAsync(place, format));

    public Task EnqueueAsync(IReadOnlyCollection<QueueItem> items) => DoAsync(() => _store.Queue.AddAsync(items));

    public Task DequeueAsync(IReadOnlyCollection<long> sequences) => DoAsync(() => _store.Queue.RemoveAsync(sequences));

    public Task PostponeAsync(IReadOnlyCollection<(long Sequence, DateTimeOffset DueAt)> items) => DoAsync(() => _store.Queue.PostponeAsync(items));

    public Task<QueueDepth> DropOldestAsync(DestinationId destination, long bytes) => DoAsync(() => _store.Queue.DropOldestAsync(destination, bytes));

    /// <exception cref="PhishMeException">The lease is lost, or the server cannot be used; nothing of the batch is recorded, or it is not known.</exception>
    public async Task CommitAsync()
    {
        var changes = await DoAsync(CountChangeAsync).ConfigureAwait(false);
        try
        {
            await _transaction.CommitAsync().ConfigureAwait(false);
            _committed = true;
        }
        catch (Exception exception) when (PostgreSqlErrors.IsOurs(exception) && PostgreSqlErrors.IsConnectionLost(exception))
        {
            _committed = await _store.WasCommittedAsync(changes, exception).ConfigureAwait(false)
                ? true
                : throw PostgreSqlErrors.Of(exception, _store.Path);
        }
        catch (Exception exception) when (PostgreSqlErrors.IsOurs(exception))
        {
            throw PostgreSqlErrors.Of(exception, _store.Path);
        }
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        try
        {
            _transaction.Dispose();
        }
        catch (Exception exception) when (PostgreSqlErrors.IsOurs(exception))
        {
            // With the connection its transaction is gone, too.
        }

        _store.Leave(_committed, _before.Cursor, _before.Commit, _before.Host);
    }

    /// <summary>Counts the commit, and makes sure that no other run took the lease: its row is ours until the transaction ends.</summary>
    private async Task<long> CountChangeAsync()
    {
        var counted = _store.Lease is RunLease lease
            ? await _store.Session.ScalarAsync("UPDATE phishme_state SET changes = changes + 1 WHERE fence = $1 RETURNING changes", lease.Fence).ConfigureAwait(false)
            : 0L;
        return counted as long? ?? throw _store.Lease!.Lost();
    }

    private Task DoAsync(Func<Task> work) => DoAsync(async () =>
    {
        await work().ConfigureAwait(false);
        return 0;
    });

    private Task<T> DoAsync<T>(Func<Task<T>> work) => _store.Session.RunAsync(work);
}
