using System.Text;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Storage.Copying;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>A state file that a copy is made into. It has another name until it is complete, so that no run takes it for its state.</summary>
internal sealed class SqliteCopyTarget : SqliteCopySide, ICopyTarget
{
    private const string Suffix = ".copying";

    private readonly string _path;

    private SqliteCopyTarget(string path)
        : base(path + Suffix, path)
    {
        _path = path;
        IsEmpty = true;
        Notes = ReadNotes();
    }

    public IReadOnlyDictionary<string, string>? Notes { get; }

    public bool IsEmpty { get; private init; }

    /// <summary>Opens the unfinished copy that is there, or begins one.</summary>
    /// <exception cref="PhishMeException">The file cannot be made.</exception>
    public static SqliteCopyTarget Open(string path)
    {
        var target = new SqliteCopyTarget(path);
        if (target.Notes is null && !IsNew(target))
        {
            // It was complete, and was killed before it got its name; or it had not noted yet whose copy it is.
            target.Dispose();
            Remove(path + Suffix);
            target = new SqliteCopyTarget(path);
        }

        return new FileInfo(path) is { Exists: true, Length: > 0 } ? Occupied(target, path) : target;
    }

    public void Begin(string note, string value) => Change(() =>
    {
        Execute("CREATE TABLE state_copy (note TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
        Note(note, value);
    });

    public void Replace(string area, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, Func<string> digest) => Change(() =>
    {
        var types = columns.Select(column => FileColumn(area, column)).ToArray();
        Execute($"DELETE FROM {area}");
        using var insert = State.Connection.CreateCommand();
        insert.Transaction = State.Session.Transaction;
        string[] names = [.. types.Select(column => column.Name), .. area == "mirror" ? (string[])["only_row"] : []];
        string[] values = [.. types.Select((_, place) => FormattableString.Invariant($"$p{place}")), .. area == "mirror" ? (string[])["1"] : []];
#pragma warning disable CA2100 // Names of our own tables and columns.
        insert.CommandText = $"INSERT INTO {area} ({string.Join(", ", names)}) VALUES ({string.Join(", ", values)})";
#pragma warning restore CA2100
        for (var i = 0; i < types.Length; i++)
        {
            insert.Parameters.Add(new SqliteParameter { ParameterName = values[i] });
        }

        foreach (var row in rows)
        {
            for (var i = 0; i < types.Length; i++)
            {
                insert.Parameters[i].Value = row[i] switch
                {
                    null => DBNull.Value,
                    byte[] bytes when types[i].Type == "TEXT" => Encoding.UTF8.GetString(bytes),
                    var value => value,
                };
            }

            insert.ExecuteNonQuery();
        }

        Note(area, digest());
    });

    public void ClearIndex() => Change(() =>
    {
        foreach (var table in (string[])["indicator_key", "indicator_key_new", "indicator_address", "indicator", "threat_term", "term"])
        {
            Execute($"DELETE FROM {table}");
        }

        State.OpenArchive().Forget();
        Execute("DELETE FROM state_copy WHERE note = 'index'");
    });

    public IReadOnlyList<(long Key, byte[]? Json)> ReadJson(long after, int most)
    {
        using var command = State.Connection.CreateCommand();
        command.CommandText = "SELECT threat, json FROM stored_json WHERE threat > $after ORDER BY threat LIMIT $most";
        command.Parameters.AddWithValue("$after", after);
        command.Parameters.AddWithValue("$most", most);
        using var row = State.Run(command.ExecuteReader);
        var page = new List<(long, byte[]?)>(most);
        while (State.Run(row.Read))
        {
            page.Add((row.GetInt64(0), StoredJson.Unpack((byte[])row.GetValue(1))));
        }

        return page;
    }

    public void Index(IReadOnlyList<(long Key, PreparedThreat Threat)> threats, string note, string place) => Change(() =>
    {
        var archive = State.OpenArchive();
        foreach ((var key, var threat) in threats)
        {
            archive.Reindex(key, threat);
        }

        archive.Flush();
        Note(note, place);
    });

    public void Complete()
    {
        Change(() =>
        {
            State.OpenArchive().MoveKeys();

            // An order of what TAXII serves that was not copied is made anew by the next run.
            if (Scalar("SELECT count(*) FROM state_copy WHERE note = 'served_pending'") is 0L)
            {
                Execute("INSERT INTO served_pending (threat, changed) SELECT threat, 1 FROM stored_threat");
            }

            Execute("DROP TABLE state_copy");
        });
        Scalar("PRAGMA wal_checkpoint(TRUNCATE)");
        Dispose();
        try
        {
            File.Move(_path + Suffix, _path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.StateUnavailable, $"The copy is complete as {_path + Suffix}, and cannot be renamed: {exception.Message}", _path, exception);
        }
    }

    private static bool IsNew(SqliteCopyTarget target) =>
        target.Scalar("SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM destination) + (SELECT count(*) FROM threat) + (SELECT count(*) FROM cursor)") is 0L;

    /// <summary>A state file of that name: an empty one may be replaced.</summary>
    private static SqliteCopyTarget Occupied(SqliteCopyTarget target, string path)
    {
        target.Dispose();
        using var present = new SqliteCopySide(path, path);
        return present.Areas.Keys.All(area => !present.Read(area, present.Areas[area]).Any())
            ? new SqliteCopyTarget(path)
            : new SqliteCopyTarget(path) { IsEmpty = false };
    }

    private static void Remove(string path)
    {
        foreach (var suffix in (string[])[string.Empty, "-wal", "-shm"])
        {
            File.Delete(path + suffix);
        }
    }

    private Dictionary<string, string>? ReadNotes()
    {
        if (Scalar("SELECT count(*) FROM sqlite_master WHERE name = 'state_copy'") is 0L)
        {
            return null;
        }

        using var command = State.Connection.CreateCommand();
        command.CommandText = "SELECT note, value FROM state_copy";
        using var row = State.Run(command.ExecuteReader);
        var notes = new Dictionary<string, string>(StringComparer.Ordinal);
        while (State.Run(row.Read))
        {
            notes.Add(row.GetString(0), row.GetString(1));
        }

        return notes;
    }

    private void Note(string note, string value) => State.Session.Command(
        "INSERT INTO state_copy (note, value) VALUES ($note, $value) ON CONFLICT (note) DO UPDATE SET value = $value", ("$note", note), ("$value", value)).ExecuteNonQuery();

    private void Execute(string sql) => State.Session.Command(sql).ExecuteNonQuery();

    private void Change(Action change)
    {
        using var transaction = State.Begin();
        State.Run(() =>
        {
            change();
            return 0;
        });
        transaction.Commit();
    }
}
