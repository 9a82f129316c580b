using PhishMe.Engine.Storage.Copying;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The tables of a shared state as a copy reads them. It holds the lease: no run is under way on any host.</summary>
internal class SharedCopySide : ICopySource
{
    /// <summary>What is made from the stored threats, and what is about the state itself.</summary>
    private static readonly HashSet<string> _derived = new(StringComparer.Ordinal) { "indicator", "term", "threat_term", "phishme_state" };

    /// <summary>Where the rows of this host are among those of others.</summary>
    private static readonly HashSet<string> _ofHosts = new(StringComparer.Ordinal) { "mirror", "append_file", "pace" };

    public SharedCopySide(SharedStateStore state)
    {
        State = state;
        Columns = state.Session.Run(() => state.Session.Rows(
            row => new SharedColumn(row.GetString(0), row.GetString(1), row.GetString(2)),
            """
            SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns WHERE table_schema = $1 ORDER BY table_name, ordinal_position
            """,
            state.Session.Address.Schema)).Where(column => SharedTables.All.Any(table => table.Name == column.Table)).ToLookup(column => column.Table, StringComparer.Ordinal);
        Areas = SharedTables.All.Where(table => !_derived.Contains(table.Name)).ToDictionary(
            table => table.Name,
            IReadOnlyList<string> (table) => [.. Columns[table.Name].Select(column => column.Name).Where(name => !IsHost(table.Name, name))],
            StringComparer.Ordinal);
    }

    public string Name => $"{State.Path}, schema {State.Session.Address.Schema}";

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Areas { get; }

    private protected SharedStateStore State { get; }

    private protected ILookup<string, SharedColumn> Columns { get; }

    private protected PostgreSqlSession Session => State.Session;

    private protected string Host => Session.Address.Address.Host;

    public IEnumerable<object?[]> Read(string area, IReadOnlyList<string> columns)
    {
        var isOfHosts = _ofHosts.Contains(area);
        using var command = Session.Command(
            $"SELECT {string.Join(", ", columns)} FROM {area}{(isOfHosts ? " WHERE host = $1" : string.Empty)}", isOfHosts ? (object?[])[Host] : []);
        using var row = Session.Run(command.ExecuteReader);
        while (Session.Run(row.Read))
        {
            var values = new object?[columns.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = row.IsDBNull(i) ? null : row.GetValue(i) switch
                {
                    int number => (long)number,
                    short number => (long)number,
                    bool flag => flag ? 1L : 0L,
                    var value => value,
                };
            }

            yield return values;
        }
    }

    public IEnumerable<IndexedThreat> ReadIndex() => SharedAudit.ReadIndex(Session);

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

    /// <summary>Whether a column says which host a row belongs to.</summary>
    private protected static bool IsHost(string table, string column) => column == "host" && _ofHosts.Contains(table);
}
