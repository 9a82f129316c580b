using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>
/// The state in PostgreSQL. One connection, which one task at a time uses; a transaction keeps it until it ends. A connection that breaks between two
/// transactions is made again, and the run goes on if no other run took over meanwhile.
/// </summary>
internal sealed class SharedStateStore : IStateStore, IHostState
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, string> _filesOfAll = new(StringComparer.Ordinal);
    private readonly SharedRuns _runs;
    private readonly ServerReturn? _return;

    private SharedStateStore(PostgreSqlSession session, RunLease? lease, ServerReturn? serverReturn)
    {
        Session = session;
        Lease = lease;
        _return = serverReturn;
        _runs = new SharedRuns(session);
        Destinations = new SharedDestinations(session);
        Deliveries = new SharedDeliveries(session);
        Queue = new SharedQueue(session, Destinations);
        Letters = new SharedDeadLetters(session);
        Entries = new SharedLedger(session, Destinations);
        Threats = new SharedThreats(session);
    }

    public string Path => Session.Name;

    public IHostState Host => this;

    public RunRecord? Unfinished { get; private set; }

    public bool DidLastRunDie { get; private set; }

    public SyncCursor? Cursor { get; internal set; }

    public long Commit { get; internal set; }

    public string Mirrored { get; internal set; } = string.Empty;

    public bool IsKnown { get; internal set; }

    /// <summary>The position that the newest commit of this host had config.ini show.</summary>
    public string Committed { get; internal set; } = string.Empty;

    public IThreatArchive Archive => new SharedArchive(this);

    public IServedOrder Served => new SharedServedOrder(this);

    internal PostgreSqlSession Session { get; }

    /// <summary>Null when the state is only looked at, or a copy.</summary>
    internal RunLease? Lease { get; }

    internal SharedDestinations Destinations { get; }

    internal SharedDeliveries Deliveries { get; }

    internal SharedQueue Queue { get; }

    internal SharedDeadLetters Letters { get; }

    internal SharedLedger Entries { get; }

    internal SharedThreats Threats { get; }

    private string HostName => Session.Address.Address.Host;

    /// <summary>Takes the lease, makes the tables when they are missing, and brings them to the newest version.</summary>
    /// <param name="address">The database.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="step">Test seam.</param>
    /// <param name="ofCopy">Whether an unfinished copy may be opened, to continue it.</param>
    /// <exception cref="PhishMeException">The server cannot be used, another run has the lease, or the state is an unfinished copy.</exception>
    public static SharedStateStore Open(SharedStateAddress address, TimeProvider clock, Action<string>? step, bool ofCopy = false)
    {
        var session = PostgreSqlSession.Open(address, writes: true);
        return Loaded(session, () =>
        {
            var lease = new RunLease(session);
            SessionSettings.Apply(session);
            lease.Lock();
            SharedSchema.Upgrade(session, step, ofCopy);
            lease.Number($"{address.Host}, process {Environment.ProcessId}", clock.GetUtcNow());
            var store = new SharedStateStore(session, lease, new ServerReturn(clock));
            SharedIndexForm.Ensure(store);
            return store;
        });
    }

    /// <summary>Opens the state to look at it, whether a run is under way or not.</summary>
    public static SharedStateStore OpenReadOnly(SharedStateAddress address)
    {
        var session = PostgreSqlSession.Open(address, writes: false);
        return Loaded(session, () =>
        {
            session.Execute("SET default_transaction_read_only = on");
            return SharedSchema.VersionOf(session) == SharedSchema.NewestVersion
                ? new SharedStateStore(session, lease: null, serverReturn: null)
                : throw new PhishMeException(
                    Faults.StoreTooOld,
                    "The shared state has not been created, or an older version of PhishMe created it. Start a run: it creates or upgrades the state.",
                    session.Name);
        });
    }

    /// <summary>Opens a copy in temporary tables of the session: what a dry run may change. It has everything but the store.</summary>
    public static SharedStateStore OpenCopy(SharedStateAddress address)
    {
        var session = PostgreSqlSession.Open(address, writes: true);
        return Loaded(session, () =>
        {
            SharedStateCopy.Make(session);
            return new SharedStateStore(session, lease: null, serverReturn: null);
        });
    }

    public IDestinationLedger LedgerOf(DestinationId destination) => new SharedDestinationLedger(this, destination);

    public Task BeginRunAsync(string runId, DateTimeOffset now, CancellationToken cancellationToken) =>
        ChangeAsync(() => _runs.BeginAsync(runId, now), cancellationToken);

    public Task EndRunAsync(DateTimeOffset now, bool repaired, ExitCode exitCode, string? summary, string mirrored) => ChangeAsync(
        async () =>
        {
            await _runs.EndAsync(now, repaired, exitCode, summary).ConfigureAwait(false);
            if (Cursor is not null)
            {
                await SetMirroredAsync(mirrored, mirrored).ConfigureAwait(false);
            }
        },
        CancellationToken.None);

    /// <summary>Only state files were ever of a version without offsets.</summary>
    public Task AdoptAsync(IReadOnlyCollection<DestinationId> configured, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<DestinationState>> GetDestinationsAsync(CancellationToken cancellationToken) => ReadAsync(Destinations.AllAsync, cancellationToken);

    public Task<IReadOnlyDictionary<ThreatId, DeliveryRecord>> GetDeliveriesAsync(
        DestinationId destination, IReadOnlyCollection<ThreatId> ids, CancellationToken cancellationToken) =>
        OfDestinationAsync<IReadOnlyDictionary<ThreatId, DeliveryRecord>>(
            destination, async key => await Deliveries.GetAsync(key, ids).ConfigureAwait(false), new Dictionary<ThreatId, DeliveryRecord>(), cancellationToken);

    public Task<IReadOnlyList<ThreatId>> GetOverdueAsync(DestinationId destination, long before, int most, CancellationToken cancellationToken) =>
        OfDestinationAsync(destination, key => Deliveries.OverdueAsync(key, before, most), [], cancellationToken);

    public Task<IReadOnlyList<ThreatId>> GetWithdrawnAsync(DestinationId destination, int most, CancellationToken cancellationToken) =>
        OfDestinationAsync(destination, key => Deliveries.WithdrawnAsync(key, most), [], cancellationToken);

    public Task<IReadOnlySet<ThreatId>> GetWithdrawnAmongAsync(IReadOnlyCollection<ThreatId> ids, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlySet<ThreatId>>(async () => await Deliveries.WithdrawnAmongAsync(ids).ConfigureAwait(false), cancellationToken);

    public Task<IReadOnlyDictionary<ThreatId, long>> GetFirstPublishedAsync(IReadOnlyCollection<ThreatId> ids, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<ThreatId, long>>(async () => await Deliveries.FirstPublishedAsync(ids).ConfigureAwait(false), cancellationToken);

    public Task<IReadOnlyList<DeadLetter>> GetDeadLettersAsync(CancellationToken cancellationToken) => ReadAsync(Letters.AllAsync, cancellationToken);

    public Task<QueueDepth> GetQueueDepthAsync(DestinationId destination, CancellationToken cancellationToken) =>
        ReadAsync(() => Queue.DepthAsync(destination), cancellationToken);

    public Task<IReadOnlyList<QueueItem>> ReadQueueAsync(
        DestinationId destination, int most, long mostBytes, DateTimeOffset now, CancellationToken cancellationToken) =>
        ReadAsync(() => Queue.ReadAsync(destination, most, mostBytes, now), cancellationToken);

    public Task<IReadOnlyList<string>> GetRunSummariesAsync(int most, CancellationToken cancellationToken) =>
        ReadAsync(() => _runs.SummariesAsync(most), cancellationToken);

    public Task<HostPace?> GetPaceAsync(string host, CancellationToken cancellationToken) => ReadAsync(
        async () => (await Session.RowsAsync(
            row => new HostPace(host, row.GetDouble(0), row.IsDBNull(1) ? null : row.GetDouble(1), row.Time(2)),
            "SELECT in_flight, per_second, learnt_at FROM pace WHERE host = $1 AND target = $2", HostName, host).ConfigureAwait(false)).SingleOrDefault(),
        cancellationToken);

    public Task SetPaceAsync(HostPace pace, CancellationToken cancellationToken) => ChangeAsync(
        () => Session.ExecuteAsync(
            """
            INSERT INTO pace (host, target, in_flight, per_second, learnt_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (host, target)
            DO UPDATE SET in_flight = excluded.in_flight, per_second = excluded.per_second, learnt_at = excluded.learnt_at
            """,
            HostName, pace.Host, pace.InFlight, pace.PerSecond, pace.LearntAt.ToUnixTimeMilliseconds()),
        cancellationToken);

    public long? CommittedLength(string path)
    {
        _gate.Wait();
        try
        {
            var (host, name) = PlaceOf(path);
            return Session.Run(() => Session.Scalar("SELECT length FROM append_file WHERE host = $1 AND path = $2", host, name)) as long?;
        }
        finally
        {
            _gate.Release();
        }
    }

    public bool MayShow(string position) => position == Mirrored || position == Committed;

    public Task NoteShownAsync(string shown, string next, CancellationToken cancellationToken) => ChangeAsync(() => SetMirroredAsync(shown, next), cancellationToken);

    public void Share(DestinationId destination, IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            _filesOfAll[path] = $"{destination}/{System.IO.Path.GetFileName(path)}";
        }
    }

    public Task NoteLengthsAsync(IReadOnlyCollection<AppendLength> files, CancellationToken cancellationToken) =>
        files.Count > 0 ? ChangeAsync(() => SetLengthsAsync(files), cancellationToken) : Task.CompletedTask;

    public async Task ConfirmLeaseAsync(CancellationToken cancellationToken)
    {
        if (Lease is RunLease lease
            && await ReadAsync(() => Session.ScalarAsync("SELECT fence FROM phishme_state"), cancellationToken).ConfigureAwait(false) as long? != lease.Fence)
        {
            throw lease.Lost();
        }
    }

    public async Task<IStateTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ConnectedAsync(() => BeginHeldAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _gate.Release();
            throw;
        }
    }

    public void Dispose()
    {
        Session.Dispose();
        _gate.Dispose();
    }

    /// <summary>Changes something in a transaction of its own.</summary>
    internal async Task ChangeAsync(Func<Task> change, CancellationToken cancellationToken)
    {
        using var transaction = await BeginAsync(cancellationToken).ConfigureAwait(false);
        await Session.RunAsync(async () =>
        {
            await change().ConfigureAwait(false);
            return 0;
        }).ConfigureAwait(false);
        await transaction.CommitAsync().ConfigureAwait(false);
    }

    /// <summary>Reads when no transaction is open.</summary>
    internal async Task<T> ReadAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ConnectedAsync(read, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <param name="position">What config.ini shows now.</param>
    /// <param name="committed">What it shows when the transaction is committed.</param>
    internal async Task SetMirroredAsync(string position, string committed)
    {
        await Session.ExecuteAsync(
            """
            INSERT INTO mirror (host, position, committed) VALUES ($1, $2, $3)
            ON CONFLICT (host) DO UPDATE SET position = excluded.position, committed = excluded.committed
            """,
            HostName, position, committed).ConfigureAwait(false);
        (Mirrored, Committed, IsKnown) = (position, committed, true);
    }

    internal async Task SetLengthsAsync(IReadOnlyCollection<AppendLength> lengths)
    {
        AppendLength[] last = [.. lengths.Reverse().DistinctBy(file => file.Path)];
        var places = Array.ConvertAll(last, file => PlaceOf(file.Path));
        await Session.ExecuteAsync(
            """
            INSERT INTO append_file (host, path, length) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) ON CONFLICT (host, path) DO UPDATE SET length = excluded.length
            """,
            Array.ConvertAll(places, place => place.Host), Array.ConvertAll(places, place => place.Name), Array.ConvertAll(last, file => file.Length)).ConfigureAwait(false);
    }

    /// <summary>Whether the server has a commit, asked over a new connection because the old one broke while it was being made.</summary>
    /// <exception cref="PhishMeException">Another run took over, or the server does not answer in time: then no one knows.</exception>
    internal Task<bool> WasCommittedAsync(long changes, Exception cause) =>
        _return is null ? throw PostgreSqlErrors.Of(cause, Path) : _return.WasCommittedAsync(this, changes, cause);

    /// <summary>The transaction is over; after a rollback everything is as before.</summary>
    internal void Leave(bool committed, SyncCursor? cursor, long commit, (string Mirrored, string Committed, bool IsKnown) host)
    {
        if (!committed)
        {
            Threats.Forget();
            Destinations.Forget();
            (Cursor, Commit, Mirrored, Committed, IsKnown) = (cursor, commit, host.Mirrored, host.Committed, host.IsKnown);
        }

        _gate.Release();
    }

    /// <summary>A file of this host by its path; one that all hosts see, each perhaps under another path, by its destination and name.</summary>
    private (string Host, string Name) PlaceOf(string path) => _filesOfAll.TryGetValue(path, out var name) ? (string.Empty, name) : (HostName, path);

    private static SharedStateStore Loaded(PostgreSqlSession session, Func<SharedStateStore> open)
    {
        SharedStateStore? store = null;
        try
        {
            return session.Run(() =>
            {
                store = open();
                store.Load();
                return store;
            });
        }
        catch
        {
            store?.Dispose();
            session.Dispose();
            throw;
        }
    }

    /// <summary>Asks the server something, because the driver begins a transaction with the first command: a lost lease shows before a file is written.</summary>
    private async Task<SharedStateTransaction> BeginHeldAsync(CancellationToken cancellationToken)
    {
        var transaction = await Session.Connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (Lease is not null && await Session.ScalarAsync("SELECT fence FROM phishme_state").ConfigureAwait(false) as long? != Lease.Fence)
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            throw Lease.Lost();
        }

        return new SharedStateTransaction(this, transaction);
    }

    private Task<T> OfDestinationAsync<T>(DestinationId destination, Func<int, Task<T>> read, T nothing, CancellationToken cancellationToken) => ReadAsync(
        async () => await Destinations.FindKeyAsync(destination).ConfigureAwait(false) is int key ? await read(key).ConfigureAwait(false) : nothing, cancellationToken);

    /// <summary>Does something, and once more over a new connection when the one that was there is gone. Nothing is open that could be lost with it.</summary>
    private async Task<T> ConnectedAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception exception) when (_return is not null && !cancellationToken.IsCancellationRequested && PostgreSqlErrors.IsOurs(exception) && PostgreSqlErrors.IsConnectionLost(exception))
        {
            await _return.WaitAsync(this, exception, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgreSqlErrors.IsOurs(exception))
        {
            throw PostgreSqlErrors.Of(exception, Path);
        }

        return await Session.RunAsync(work).ConfigureAwait(false);
    }

    private void Load()
    {
        if (Session.Rows(row => (Commit: row.GetInt64(0), Cursor: SharedCursor.Read(row, 1)), $"SELECT commits, {SharedCursor.Names} FROM cursor") is [var cursor])
        {
            (Commit, Cursor) = cursor;
        }

        if (Session.Rows(row => (row.GetString(0), row.GetString(1)), "SELECT position, committed FROM mirror WHERE host = $1", HostName) is [var (mirrored, committed)])
        {
            (Mirrored, Committed, IsKnown) = (mirrored, committed, true);
        }

        Unfinished = _runs.Unfinished();
        DidLastRunDie = _runs.DidLastDie();
    }
}
