using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The state in one SQLite file. One connection, which one task at a time uses; a transaction keeps it until it ends.</summary>
internal sealed class StateStore : IStateStore, IHostState
{
    private readonly SqliteSession _session;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly RunTable _runs;
    private readonly Lazy<DeliveryTable> _deliveries;
    private ThreatArchive? _archive;

    private StateStore(SqliteConnection connection, string path)
    {
        _session = new SqliteSession(connection, path);
        _runs = new RunTable(_session);
        Destinations = new DestinationTable(_session);
        Queue = new QueueTable(_session, Destinations);
        Letters = new DeadLetterTable(_session);
        Entries = new LedgerTable(_session, Destinations);
        _deliveries = new Lazy<DeliveryTable>(() => new DeliveryTable(_session));
    }

    public string Path => _session.Path;

    public IHostState Host => this;

    public RunRecord? Unfinished { get; private set; }

    public SyncCursor? Cursor { get; internal set; }

    public long Commit { get; internal set; }

    /// <summary>A state file has one host.</summary>
    public bool IsKnown => true;

    public string Mirrored { get; internal set; } = string.Empty;

    public IThreatArchive Archive => new GatedArchive(this);

    public IServedOrder Served => new ServedOrder(this);

    /// <summary>For statements within a transaction.</summary>
    public SqliteConnection Connection => _session.Connection;

    internal SqliteSession Session => _session;

    internal DestinationTable Destinations { get; }

    internal QueueTable Queue { get; }

    internal DeadLetterTable Letters { get; }

    internal LedgerTable Entries { get; }

    internal DeliveryTable Deliveries => _deliveries.Value;

    /// <summary>Opens the file, makes it when it is missing, and brings it to the newest version.</summary>
    /// <param name="path">The file.</param>
    /// <param name="step">Test seam.</param>
    /// <exception cref="PhishMeException">It cannot be opened, or is of a newer version.</exception>
    /// <exception cref="StateDamagedException">It is no intact database.</exception>
    public static StateStore Open(string path, Action<string>? step = null) => Loaded(StateFile.Open(path, step), path, verify: true);

    /// <summary>Opens the file to look at it, whether a run is under way or not.</summary>
    /// <exception cref="PhishMeException">It cannot be read.</exception>
    /// <exception cref="StateDamagedException">It is no intact database.</exception>
    public static StateStore OpenReadOnly(string path) => Loaded(StateFile.OpenReadOnly(path), path, verify: false);

    /// <summary>Opens a copy in memory: what a dry run may change.</summary>
    /// <exception cref="PhishMeException">The file cannot be read.</exception>
    public static StateStore OpenCopy(string path) => Loaded(StateFile.OpenCopy(path), path, verify: false);

    /// <summary>The store of threats in this file, for use within a transaction.</summary>
    public ThreatArchive OpenArchive()
    {
        if (_archive is null)
        {
            // A page of a backfill touches pages all over the index: more of them are kept, and they are written back less often.
            _session.Execute("PRAGMA cache_size = -48000");
            _session.Command("PRAGMA wal_autocheckpoint = 8000").ExecuteNonQuery();
            _archive = Run(() =>
            {
                var archive = new ThreatArchive(Connection);
                IndexForm.Ensure(Connection, archive);
                return archive;
            });
        }

        return _archive;
    }

    /// <summary>Inserts what waits in memory to be inserted together; the end of a transaction does it.</summary>
    public void Flush() => _archive?.Flush();

    /// <summary>Gives pages that hold nothing any more back to the file system; takes as long as there are many.</summary>
    public void ShrinkFile() => Run(() =>
    {
        using var vacuum = new SqliteStatement(Connection, "PRAGMA incremental_vacuum");
        vacuum.Run();
        return 0;
    });

    public IDestinationLedger LedgerOf(DestinationId destination) => new DestinationLedger(this, destination);

    public async Task BeginRunAsync(string runId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using var transaction = await BeginAsync(cancellationToken).ConfigureAwait(false);
        Run(() => _runs.Begin(runId, now));
        await transaction.CommitAsync().ConfigureAwait(false);
    }

    public async Task EndRunAsync(DateTimeOffset now, bool repaired, ExitCode exitCode, string? summary, string mirrored)
    {
        using var transaction = await BeginAsync(CancellationToken.None).ConfigureAwait(false);
        Run(() =>
        {
            _runs.End(now, repaired, exitCode, summary);
            if (Cursor is not null)
            {
                SetMirrored(mirrored);
            }

            return 0;
        });
        await transaction.CommitAsync().ConfigureAwait(false);
    }

    public async Task AdoptAsync(IReadOnlyCollection<DestinationId> configured, CancellationToken cancellationToken)
    {
        using var transaction = await BeginAsync(cancellationToken).ConfigureAwait(false);
        Run(() =>
        {
            Destinations.Adopt(configured, Commit, Cursor?.Position);
            return 0;
        });
        await transaction.CommitAsync().ConfigureAwait(false);
    }

    public Task<IReadOnlyList<DestinationState>> GetDestinationsAsync(CancellationToken cancellationToken) =>
        ReadAsync(Destinations.All, cancellationToken);

    public Task<IReadOnlyDictionary<ThreatId, DeliveryRecord>> GetDeliveriesAsync(
        DestinationId destination, IReadOnlyCollection<ThreatId> ids, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<ThreatId, DeliveryRecord>>(
            () => Destinations.FindKey(destination) is long key ? Deliveries.Get(key, ids) : [], cancellationToken);

    public Task<IReadOnlyList<ThreatId>> GetOverdueAsync(DestinationId destination, long before, int most, CancellationToken cancellationToken) =>
        ReadAsync(() => Destinations.FindKey(destination) is long key ? Deliveries.Overdue(key, before, most) : [], cancellationToken);

    public Task<IReadOnlyList<ThreatId>> GetWithdrawnAsync(DestinationId destination, int most, CancellationToken cancellationToken) =>
        ReadAsync(() => Destinations.FindKey(destination) is long key ? Deliveries.Withdrawn(key, most) : [], cancellationToken);

    public Task<IReadOnlySet<ThreatId>> GetWithdrawnAmongAsync(IReadOnlyCollection<ThreatId> ids, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlySet<ThreatId>>(() => Deliveries.WithdrawnAmong(ids), cancellationToken);

    public Task<IReadOnlyDictionary<ThreatId, long>> GetFirstPublishedAsync(IReadOnlyCollection<ThreatId> ids, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<ThreatId, long>>(() => Deliveries.FirstPublished(ids), cancellationToken);

    public Task<IReadOnlyList<DeadLetter>> GetDeadLettersAsync(CancellationToken cancellationToken) => ReadAsync(Letters.All, cancellationToken);

    public Task<QueueDepth> GetQueueDepthAsync(DestinationId destination, CancellationToken cancellationToken) =>
        ReadAsync(() => Queue.Depth(destination), cancellationToken);

    public Task<IReadOnlyList<QueueItem>> ReadQueueAsync(
        DestinationId destination, int most, long mostBytes, DateTimeOffset now, CancellationToken cancellationToken) =>
        ReadAsync(() => Queue.Read(destination, most, mostBytes, now), cancellationToken);

    public Task<IReadOnlyList<string>> GetRunSummariesAsync(int most, CancellationToken cancellationToken) =>
        ReadAsync(() => _runs.Summaries(most), cancellationToken);

    public Task<HostPace?> GetPaceAsync(string host, CancellationToken cancellationToken) => ReadAsync(
        () =>
        {
            using var row = _session.Command("SELECT in_flight, per_second, learnt_at FROM pace WHERE host = $host", ("$host", host)).ExecuteReader();
            return row.Read()
                ? new HostPace(
                    host,
                    row.GetDouble(0),
                    row.IsDBNull(1) ? null : row.GetDouble(1),
                    DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)))
                : null;
        },
        cancellationToken);

    public async Task SetPaceAsync(HostPace pace, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pace);
        using var transaction = await BeginAsync(cancellationToken).ConfigureAwait(false);
        _session.Execute(
            "INSERT OR REPLACE INTO pace (host, in_flight, per_second, learnt_at) VALUES ($host, $inFlight, $perSecond, $at)",
            ("$host", pace.Host), ("$inFlight", pace.InFlight), ("$perSecond", pace.PerSecond), ("$at", pace.LearntAt.ToUnixTimeMilliseconds()));
        await transaction.CommitAsync().ConfigureAwait(false);
    }

    public long? CommittedLength(string path) =>
        Run(() => _session.Command("SELECT length FROM append_file WHERE path = $path", ("$path", path)).ExecuteScalar()) as long?;

    public async Task NoteLengthsAsync(IReadOnlyCollection<AppendLength> files, CancellationToken cancellationToken)
    {
        if (files.Count > 0)
        {
            using var transaction = await BeginAsync(cancellationToken).ConfigureAwait(false);
            await transaction.SetLengthsAsync(files).ConfigureAwait(false);
            await transaction.CommitAsync().ConfigureAwait(false);
        }
    }

    public async Task<IStateTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        return BeginHeld();
    }

    /// <summary>Starts a transaction where nothing else runs at the same time.</summary>
    public StateTransaction Begin()
    {
        _gate.Wait();
        return BeginHeld();
    }

    public void Dispose()
    {
        _archive?.Dispose();
        if (_deliveries.IsValueCreated)
        {
            _deliveries.Value.Dispose();
        }

        Queue.Dispose();
        _session.Dispose();
        _gate.Dispose();
    }

    internal T Run<T>(Func<T> work) => _session.Run(work);

    /// <summary>Reads in one view of the file, when no transaction is open.</summary>
    internal async Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // One read transaction: each look-up for itself would lock and unlock the file.
            _session.Transaction = Run(() => Connection.BeginTransaction(deferred: true));
            return Run(read);
        }
        finally
        {
            _session.Transaction?.Dispose();
            _session.Transaction = null;
            _gate.Release();
        }
    }

    internal void SetMirrored(string position)
    {
        _session.Command(
            "INSERT INTO mirror (only_row, position) VALUES (1, $position) ON CONFLICT (only_row) DO UPDATE SET position = $position", ("$position", position))
            .ExecuteNonQuery();
        Mirrored = position;
    }

    /// <summary>The transaction is over; after a rollback everything is as before.</summary>
    internal void Leave(bool committed, SyncCursor? cursor, long commit, string mirrored)
    {
        _session.Transaction = null;
        if (!committed)
        {
            _archive?.Forget();
            Destinations.Forget();
            (Cursor, Commit, Mirrored) = (cursor, commit, mirrored);
        }

        _gate.Release();
    }

    private static StateStore Loaded(SqliteConnection connection, string path, bool verify)
    {
        var store = new StateStore(connection, path);
        try
        {
            store.Run(() =>
            {
                store.Load();
                if (verify && store.Unfinished is not null)
                {
                    StateFile.Verify(connection, path);
                }

                return 0;
            });
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private StateTransaction BeginHeld()
    {
        try
        {
            _session.Transaction = Run(() => Connection.BeginTransaction(deferred: false));
            return new StateTransaction(this, _session.Transaction);
        }
        catch
        {
            _gate.Release();
            throw;
        }
    }

    private void Load()
    {
        using (var row = _session.Command($"SELECT commits, {CursorColumns.Names} FROM cursor").ExecuteReader())
        {
            if (row.Read())
            {
                Commit = row.GetInt64(0);
                Cursor = CursorColumns.Read(row, 1);
            }
        }

        Mirrored = _session.Command("SELECT position FROM mirror").ExecuteScalar() as string ?? string.Empty;
        Unfinished = _runs.Unfinished();
    }
}
