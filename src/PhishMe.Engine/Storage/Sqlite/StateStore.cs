using System.Globalization;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Files;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>
/// The state file: cursor, threats seen, what each output was told, lengths of append files, dead letters, runs.
/// One connection, used by one thread at a time; every change is part of a <see cref="StateTransaction"/>.
/// </summary>
internal sealed class StateStore : IDisposable
{
    private const int KeptRuns = 1000;

    /// <summary>As a URI: only then may what is attached be named by a URI too, which says that it is read only.</summary>
    private const string InMemory = "file::memory:";

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private SqliteTransaction? _transaction;
    private ThreatArchive? _archive;
    private ThreatLedger? _ledger;
    private long _runSequence;

    private StateStore(SqliteConnection connection, string path)
    {
        _connection = connection;
        Path = path;
    }

    public string Path { get; }

    /// <summary>For statements within a transaction that <see cref="Begin"/> started.</summary>
    public SqliteConnection Connection => _connection;

    /// <summary>Prepared when the first threat comes: then the tables are of the newest version.</summary>
    private ThreatLedger Ledger => _ledger ??= new ThreatLedger(_connection);

    /// <summary>The newest run that did not say how it ended, as the file had it when it was opened.</summary>
    public RunRecord? Unfinished { get; private set; }

    /// <summary>Null before the first backfill.</summary>
    public SyncCursor? Cursor { get; private set; }

    /// <summary>The position as config.ini had it before the newest commit; empty when it had none.</summary>
    public string Mirrored { get; private set; } = string.Empty;

    /// <summary>Opens the file, makes it when it is missing, and brings it to the newest version.</summary>
    /// <exception cref="PhishMeException">It cannot be opened, or is of a newer version.</exception>
    /// <exception cref="StateDamagedException">It is no intact database.</exception>
    public static StateStore Open(string path)
    {
        StateFile.Prepare(path, PatientFiles.OfSystem());
        return Open(path, new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString(), journal: "WAL");
    }

    /// <summary>Opens the file to look at it, whether a run is under way or not.</summary>
    /// <exception cref="PhishMeException">It cannot be read.</exception>
    /// <exception cref="StateDamagedException">It is no intact database.</exception>
    public static StateStore OpenReadOnly(string path)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        try
        {
            connection.Open();
            return new StateStore(connection, path);
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw Failed(exception, path);
        }
    }

    /// <summary>The store of threats in this file.</summary>
    public ThreatArchive OpenArchive()
    {
        // A page of a backfill touches pages all over the index: more of them are kept, and they are written back less often.
        Command("PRAGMA cache_size = -48000").ExecuteNonQuery();
        Command("PRAGMA wal_autocheckpoint = 8000").ExecuteNonQuery();
        return _archive ??= Run(() =>
        {
            var archive = new ThreatArchive(_connection);
            IndexForm.Ensure(_connection, archive);
            return archive;
        });
    }

    /// <summary>Gives pages that hold nothing any more back to the file system; takes as long as there are many.</summary>
    public void ShrinkFile()
    {
        Run(() =>
        {
            using var vacuum = new SqliteStatement(_connection, "PRAGMA incremental_vacuum");
            vacuum.Run();
            return 0;
        });
    }

    /// <summary>Opens a copy in memory: what a dry run may change. It has everything but the store, whose size is nobody's memory.</summary>
    /// <exception cref="PhishMeException">The file cannot be read.</exception>
    public static StateStore OpenCopy(string path)
    {
        var copy = Open(path, $"Data Source={InMemory};Pooling=False", journal: "MEMORY", upgrade: !File.Exists(path));
        if (File.Exists(path))
        {
            try
            {
                copy.CopyRuns(path);
                StateSchema.Upgrade(copy._connection);
                copy.Load();
            }
            catch (SqliteException exception)
            {
                copy.Dispose();
                throw Failed(exception, path);
            }
            catch
            {
                copy.Dispose();
                throw;
            }
        }

        return copy;
    }

    /// <summary>Records that a run began; until <see cref="EndRun"/> the file says that one is under way.</summary>
    public void BeginRun(string runId, DateTimeOffset now)
    {
        using var transaction = Begin();
        Run(() =>
        {
            _runSequence = (long)Command(
                "INSERT INTO run (run_id, process_id, host, started_at) VALUES ($run, $process, $host, $started) RETURNING sequence",
                ("$run", runId), ("$process", Environment.ProcessId), ("$host", Environment.MachineName), ("$started", Milliseconds(now)))
                .ExecuteScalar()!;
            return Command("DELETE FROM run WHERE sequence <= $oldest", ("$oldest", _runSequence - KeptRuns)).ExecuteNonQuery();
        });
        transaction.Commit();
    }

    /// <summary>Notes how long append files are that this file does not know, or knows otherwise: before a byte is added to them.</summary>
    public void NoteLengths(IReadOnlyCollection<(string Path, long Length)> files)
    {
        if (files.Count == 0)
        {
            return;
        }

        using var transaction = Begin();
        foreach ((var path, var length) in files)
        {
            transaction.SetAppendLength(path, length);
        }

        transaction.Commit();
    }

    /// <summary>Records how the run ended.</summary>
    /// <param name="now">Our clock.</param>
    /// <param name="repaired">Whether all is in order: then this run and what earlier ones left open are over; otherwise the next one repairs.</param>
    /// <param name="exitCode">How it ended.</param>
    /// <param name="summary">The summary as JSON.</param>
    /// <param name="mirrored">The position that config.ini shows now.</param>
    public void EndRun(DateTimeOffset now, bool repaired, ExitCode exitCode, string summary, string mirrored)
    {
        using var transaction = Begin();
        Run(() =>
        {
            if (repaired)
            {
                Command("UPDATE run SET ended_at = $ended WHERE ended_at IS NULL", ("$ended", Milliseconds(now))).ExecuteNonQuery();
            }

            Command(
                "UPDATE run SET exit_code = $code, summary = $summary WHERE sequence = $sequence",
                ("$code", (int)exitCode), ("$summary", summary), ("$sequence", _runSequence)).ExecuteNonQuery();
            if (Cursor is not null)
            {
                Mirror(mirrored);
            }

            return 0;
        });
        transaction.Commit();
    }

    /// <summary>What an output was last told about a threat; null when nothing.</summary>
    public DeliveryRecord? Told(OutputFormat format, ThreatId id) => Run(() => Ledger.Told(format, id));

    /// <summary>Epoch milliseconds of first publication as last seen; null when the threat or the date is unknown.</summary>
    public long? FirstPublished(ThreatId id) =>
        Run(() => Command("SELECT first_published FROM threat WHERE type = $type AND number = $number", ("$type", (int)id.Type), ("$number", id.Number))
            .ExecuteScalar()) as long?;

    /// <summary>Length of an append file after the newest commit; null when it was never written.</summary>
    public long? AppendLength(string path) =>
        Run(() => Command("SELECT length FROM append_file WHERE path = $path", ("$path", path)).ExecuteScalar()) as long?;

    /// <summary>The dead letters, oldest first.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters() => Run(() =>
    {
        var letters = new List<DeadLetter>();
        using var row = Command(
            "SELECT subject, format, reason, payload, first_failed_at, last_tried_at, attempts, due_at FROM dead_letter ORDER BY first_failed_at, subject, format")
            .ExecuteReader();
        while (row.Read())
        {
            letters.Add(new DeadLetter
            {
                Subject = row.GetString(0),
                Format = (OutputFormat)row.GetInt32(1),
                Reason = row.GetString(2),
                Payload = row.IsDBNull(3) ? null : (byte[])row[3],
                FirstFailedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
                LastTriedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
                Attempts = row.GetInt32(6),
                DueAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)),
            });
        }

        return letters;
    });

    /// <summary>Bytes that wait for the collector.</summary>
    public long OutboxBytes() => (long)Command("SELECT coalesce(sum(length(event)), 0) FROM outbox").ExecuteScalar()!;

    /// <summary>Events that wait for the collector.</summary>
    public long OutboxCount() => (long)Command("SELECT count(*) FROM outbox").ExecuteScalar()!;

    /// <summary>The events that wait longest.</summary>
    public IReadOnlyList<OutboxEvent> OutboxPage(int most)
    {
        var events = new List<OutboxEvent>();
        using var row = Command("SELECT sequence, event FROM outbox ORDER BY sequence LIMIT $most", ("$most", most)).ExecuteReader();
        while (row.Read())
        {
            events.Add(new OutboxEvent(row.GetInt64(0), (byte[])row[1]));
        }

        return events;
    }

    /// <summary>Summaries of past runs as JSON, newest first.</summary>
    public IReadOnlyList<string> RunSummaries(int most) => Run(() =>
    {
        var summaries = new List<string>();
        using var row = Command(
            "SELECT summary FROM run WHERE summary IS NOT NULL ORDER BY sequence DESC LIMIT $most", ("$most", most)).ExecuteReader();
        while (row.Read())
        {
            summaries.Add(row.GetString(0));
        }

        return summaries;
    });

    /// <summary>Holds the view of the file for many look-ups; each for itself would lock and unlock it. Dispose it before anything is changed.</summary>
    public IDisposable Read()
    {
        _transaction = Run(() => _connection.BeginTransaction(deferred: true));
        return new Reading(this);
    }

    /// <summary>Starts the one transaction of a batch.</summary>
    public StateTransaction Begin()
    {
        _transaction = Run(() => _connection.BeginTransaction(deferred: false));
        return new StateTransaction(this, _transaction);
    }

    public void Dispose()
    {
        _archive?.Dispose();
        _ledger?.Dispose();
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    internal void RecordThreat(ThreatId id, long? firstPublished, long? lastPublished, DateTimeOffset now) => Run(() =>
    {
        Ledger.RecordThreat(id, firstPublished, lastPublished, Milliseconds(now));
        return 0;
    });

    internal void RecordDelivery(OutputFormat format, ThreatId id, DeliveryRecord record) => Run(() =>
    {
        Ledger.RecordDelivery(format, id, record);
        return 0;
    });

    internal void SetCursor(SyncCursor cursor)
    {
        Command(
            """
            INSERT INTO cursor (only_row, phase, generation, plan, window_begin, window_end, follow_from, next_step, total_elements, position, mirrored)
            VALUES (1, $phase, $generation, $plan, $begin, $end, $from, $next, $total, $position, $mirrored)
            ON CONFLICT (only_row) DO UPDATE SET phase = $phase, generation = $generation, plan = $plan, window_begin = $begin, window_end = $end,
                follow_from = $from, next_step = $next, total_elements = $total, position = $position, mirrored = $mirrored
            """,
            ("$phase", (int)cursor.Phase), ("$generation", cursor.Generation), ("$plan", cursor.Plan),
            ("$begin", Milliseconds(cursor.WindowBegin)), ("$end", Milliseconds(cursor.WindowEnd)), ("$from", Milliseconds(cursor.FollowFrom)),
            ("$next", cursor.NextStep), ("$total", cursor.TotalElements), ("$position", cursor.Position), ("$mirrored", Mirrored)).ExecuteNonQuery();
        Cursor = cursor;
    }

    internal void Mirror(string position)
    {
        Command("UPDATE cursor SET mirrored = $mirrored", ("$mirrored", position)).ExecuteNonQuery();
        Mirrored = position;
    }

    internal SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant; values are parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach ((var name, _) in parameters)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = name });
            }

            _commands.Add(sql, command);
        }

        command.Transaction = _transaction;
        for (var i = 0; i < parameters.Length; i++)
        {
            command.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
        }

        return command;
    }

    internal T Run<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException exception)
        {
            throw Failed(exception, Path);
        }
        catch (Exception exception) when (exception is InvalidCastException or ArgumentException or OverflowException or FormatException)
        {
            // Values that no run ever wrote: the pages are in order, what stands in them is not.
            throw new StateDamagedException(Path, exception);
        }
    }

    /// <summary>The transaction is over; after a rollback the store shows again what it showed before.</summary>
    internal void Leave(bool committed, SyncCursor? cursorBefore, string mirroredBefore)
    {
        _transaction = null;
        if (!committed)
        {
            _archive?.Forget();
            Cursor = cursorBefore;
            Mirrored = mirroredBefore;
        }
    }

    internal static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static StateStore Open(string path, string connectionString, string journal, bool upgrade = true)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            using (var pragma = connection.CreateCommand())
            {
                // FULL: config.ini mirrors the position right after a commit, so a commit must survive a power cut.
                pragma.CommandText = string.Create(
                    CultureInfo.InvariantCulture,
                    $"PRAGMA busy_timeout = 5000; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = {journal}; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;");
                pragma.ExecuteNonQuery();
            }

            var store = new StateStore(connection, path);
            if (upgrade)
            {
                StateSchema.Upgrade(connection);
                store.Load();
                store.AllowShrinking();
            }

            if (store.Unfinished is not null)
            {
                store.Verify();
            }

            return store;
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw Failed(exception, path);
        }
        catch (Exception exception) when (exception is InvalidCastException or ArgumentException or OverflowException or FormatException)
        {
            connection.Dispose();
            throw new StateDamagedException(path, exception);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Files of the first version cannot give back space until they were written anew once.</summary>
    private void AllowShrinking()
    {
        if (_connection.DataSource != InMemory && Command("PRAGMA auto_vacuum").ExecuteScalar() is 0L)
        {
            Command("VACUUM").ExecuteNonQuery();
        }
    }

    private void CopyRuns(string path)
    {
        var source = new Uri(System.IO.Path.GetFullPath(path)).AbsoluteUri + "?mode=ro";
        Command("ATTACH $source AS source", ("$source", source)).ExecuteNonQuery();
        StateSchema.Upgrade(_connection, (int)(long)Command("PRAGMA source.user_version").ExecuteScalar()!);
        foreach (var copy in (string[])[
            "INSERT INTO main.cursor SELECT * FROM source.cursor",
            "INSERT INTO main.threat SELECT * FROM source.threat",
            "INSERT INTO main.delivery SELECT * FROM source.delivery",
            "INSERT INTO main.append_file SELECT * FROM source.append_file",
            "INSERT INTO main.dead_letter SELECT * FROM source.dead_letter",
            "INSERT INTO main.run SELECT * FROM source.run",
            "INSERT INTO main.outbox SELECT * FROM source.outbox"])
        {
            Command(copy).ExecuteNonQuery();
        }

        Command("DETACH source").ExecuteNonQuery();
    }

    private static Exception Failed(SqliteException exception, string path)
    {
        const int Corrupt = 11, NotADatabase = 26;
        return exception.SqliteErrorCode is Corrupt or NotADatabase
            ? new StateDamagedException(path, exception)
            : new PhishMeException(Faults.StateUnavailable, $"The state file cannot be used: {exception.Message}", path, exception);
    }

    /// <summary>The last run died, perhaps with the machine: look at every page once before anything is built on them.</summary>
    private void Verify()
    {
        using var check = _connection.CreateCommand();
        check.CommandText = "PRAGMA quick_check(1)";
        if (check.ExecuteScalar() is not "ok" and var finding)
        {
            throw new StateDamagedException(Path, new InvalidDataException(Convert.ToString(finding, CultureInfo.InvariantCulture)));
        }
    }

    private static long? NullableInteger(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private void Load()
    {
        Cursor = null;
        Mirrored = string.Empty;
        using (var row = Command(
            "SELECT phase, generation, plan, window_begin, window_end, follow_from, next_step, total_elements, position, mirrored FROM cursor").ExecuteReader())
        {
            if (row.Read())
            {
                Cursor = new SyncCursor
                {
                    Phase = (SyncPhase)row.GetInt32(0),
                    Generation = row.GetInt32(1),
                    Plan = row.GetString(2),
                    WindowBegin = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
                    WindowEnd = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
                    FollowFrom = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
                    NextStep = row.GetInt32(6),
                    TotalElements = NullableInteger(row, 7),
                    Position = row.IsDBNull(8) ? null : row.GetString(8),
                };
                Mirrored = row.IsDBNull(9) ? string.Empty : row.GetString(9);
            }
        }

        using (var row = Command(
            "SELECT run_id, process_id, host, started_at FROM run WHERE ended_at IS NULL ORDER BY sequence DESC LIMIT 1").ExecuteReader())
        {
            Unfinished = row.Read()
                ? new RunRecord(row.GetString(0), row.GetInt32(1), row.GetString(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)))
                : null;
        }
    }

    private sealed class Reading(StateStore store) : IDisposable
    {
        public void Dispose()
        {
            store._transaction?.Dispose();
            store._transaction = null;
        }
    }
}
