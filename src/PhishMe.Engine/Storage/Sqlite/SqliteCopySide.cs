using PhishMe.Engine.Storage.Copying;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The tables of a state file as a copy reads them.</summary>
internal class SqliteCopySide : ICopySource
{
    /// <summary>What is made from the stored threats, and a note for the next run.</summary>
    private static readonly HashSet<string> _derived = new(StringComparer.Ordinal)
    {
        "indicator", "indicator_key", "indicator_key_new", "indicator_address", "term", "threat_term", "upgrade",
    };

    /// <summary>Columns that a shared state calls otherwise, because a host's rows are among those of others there.</summary>
    private static readonly Dictionary<(string Table, string Column), string> _named = new() { [("pace", "host")] = "target" };

    private readonly string _name;

    /// <exception cref="PhishMeException">The file cannot be opened, or a run has to complete the upgrade of it first.</exception>
    public SqliteCopySide(string path, string name)
    {
        _name = name;
        State = StateStore.Open(path);
        try
        {
            if (Scalar("SELECT count(*) FROM upgrade") is not 0L)
            {
                throw new PhishMeException(Faults.StoreTooOld, "The state file was upgraded, and the run that completes the upgrade is still to come.", path);
            }
        }
        catch
        {
            State.Dispose();
            throw;
        }
    }

    public string Name => _name;

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Areas => field ??= StateTables.All.Where(table => !_derived.Contains(table.Name)).ToDictionary(
        table => table.Name,
        IReadOnlyList<string> (table) => [.. ColumnsOf(table.Name).Select(column => column.Area).OfType<string>()],
        StringComparer.Ordinal);

    private protected StateStore State { get; }

    public IEnumerable<object?[]> Read(string area, IReadOnlyList<string> columns)
    {
        using var command = State.Connection.CreateCommand();
#pragma warning disable CA2100 // Names of our own tables and columns.
        command.CommandText = $"SELECT {string.Join(", ", columns.Select(column => FileColumn(area, column).Name))} FROM {area}";
#pragma warning restore CA2100
        command.Transaction = State.Session.Transaction;
        using var row = State.Run(command.ExecuteReader);
        while (State.Run(row.Read))
        {
            var values = new object?[columns.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = row.IsDBNull(i) ? null : row.GetValue(i);
            }

            yield return values;
        }
    }

    public IEnumerable<IndexedThreat> ReadIndex() => new StoreAudit(State.Connection).ReadIndex();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    private protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            State.Dispose();
        }
    }

    private protected object? Scalar(string sql)
    {
        using var command = State.Connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this folder.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Transaction = State.Session.Transaction;
        return State.Run(command.ExecuteScalar);
    }

    /// <summary>The columns of a table, and what both sides call them; null for one that has the same value in each row.</summary>
    private protected IReadOnlyList<(string Name, string Type, string? Area)> ColumnsOf(string table)
    {
        using var command = State.Connection.CreateCommand();
#pragma warning disable CA2100 // Names of our own tables.
        command.CommandText = $"PRAGMA table_info({table})";
#pragma warning restore CA2100
        command.Transaction = State.Session.Transaction;
        using var row = command.ExecuteReader();
        var columns = new List<(string, string, string?)>();
        while (row.Read())
        {
            var name = row.GetString(1);
            columns.Add((name, row.GetString(2), (table, name) == ("mirror", "only_row") ? null : _named.GetValueOrDefault((table, name), name)));
        }

        return columns;
    }

    private protected (string Name, string Type) FileColumn(string table, string area)
    {
        (var name, var type, _) = ColumnsOf(table).Single(column => column.Area == area);
        return (name, type);
    }
}
