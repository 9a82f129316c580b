using System.Text;
using Npgsql;
using NpgsqlTypes;
using PhishMe.Engine.Storage.Copying;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>A shared state that a copy is made into. While the table of its notes is there, no run and no look-up takes it for a state.</summary>
internal sealed class SharedCopyTarget : SharedCopySide, ICopyTarget
{
    public SharedCopyTarget(SharedStateStore state)
        : base(state)
    {
        if (Session.Run(() => SharedSchema.IsBeingCopied(Session)))
        {
            Notes = Session.Run(() => Session.Rows(row => (row.GetString(0), row.GetString(1)), $"SELECT note, value FROM {SharedSchema.CopyNotes}"))
                .ToDictionary(note => note.Item1, note => note.Item2, StringComparer.Ordinal);
        }
    }

    public IReadOnlyDictionary<string, string>? Notes { get; }

    public bool IsEmpty => Areas.Keys.All(area => Session.Run(() => Session.Scalar($"SELECT EXISTS (SELECT 1 FROM {area})")) is false);

    public void Begin(string note, string value) => Change(() =>
    {
        Session.Execute($"CREATE TABLE {SharedSchema.CopyNotes} (note text PRIMARY KEY, value text NOT NULL)");
        Note(note, value);
    });

    public void Replace(string area, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, Func<string> digest) => Change(() =>
    {
        // What only a shared state knows is completed at the end.
        (string Name, string Value)[] added =
            [.. Columns[area].Where(column => IsHost(area, column.Name)).Select(column => (column.Name, Host)), .. area == "mirror" ? [("committed", string.Empty)] : Array.Empty<(string, string)>()];
        NpgsqlDbType[] types = [.. columns.Select(name => TypeOf(Columns[area].Single(column => column.Name == name).Type))];
        Session.Execute($"DELETE FROM {area}");
        using (var writer = Session.Connection.BeginBinaryImport($"COPY {area} ({string.Join(", ", columns.Concat(added.Select(column => column.Name)))}) FROM STDIN (FORMAT binary)"))
        {
            foreach (var row in rows)
            {
                writer.StartRow();
                for (var i = 0; i < types.Length; i++)
                {
                    Write(writer, row[i], types[i]);
                }

                foreach ((_, var value) in added)
                {
                    writer.Write(value, NpgsqlDbType.Text);
                }
            }

            writer.Complete();
        }

        Note(area, digest());
    });

    public void ClearIndex() => Change(() =>
    {
        Session.Execute("DELETE FROM indicator");
        Session.Execute("DELETE FROM threat_term");
        Session.Execute("DELETE FROM term");
        Session.Execute($"DELETE FROM {SharedSchema.CopyNotes} WHERE note = 'index'");
        State.Threats.Forget();
    });

    public IReadOnlyList<(long Key, byte[]? Json)> ReadJson(long after, int most) =>
        Session.Run(() => StoredThreatPages.Read(Session, Math.Max(after, int.MinValue), most).ConvertAll(row => ((long)row.Key, row.Json)));

    public void Index(IReadOnlyList<(long Key, PreparedThreat Threat)> threats, string note, string place) => Change(() =>
    {
        State.Threats.ReindexAsync([.. threats.Select(threat => ((int)threat.Key, threat.Threat))]).GetAwaiter().GetResult();
        Note(note, place);
    });

    public void Complete() => Change(() =>
    {
        // Rows came with their numbers; the next one gets the next.
        foreach ((var table, var column) in Session.Rows(
            row => (row.GetString(0), row.GetString(1)),
            "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = $1 AND is_identity = 'YES'", Session.Address.Schema))
        {
            Session.Scalar($"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT max({column}) FROM {table}))");
        }

        // With one host, config.ini shows the position of the newest commit.
        Session.Execute("UPDATE mirror SET committed = coalesce((SELECT position FROM cursor), '') WHERE host = $1", Host);
        Session.Execute($"DROP TABLE {SharedSchema.CopyNotes}");

        // Ours only: the database may have tables of others.
        foreach (var table in Session.Rows(row => row.GetString(0), "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = $1", Session.Address.Schema))
        {
            Session.Execute($"ANALYZE {table}");
        }
    });

    private static NpgsqlDbType TypeOf(string type) => type switch
    {
        "smallint" => NpgsqlDbType.Smallint,
        "integer" => NpgsqlDbType.Integer,
        "bigint" => NpgsqlDbType.Bigint,
        "boolean" => NpgsqlDbType.Boolean,
        "double precision" => NpgsqlDbType.Double,
        "bytea" => NpgsqlDbType.Bytea,
        "text" => NpgsqlDbType.Text,
        _ => throw new NotSupportedException($"No table has a column of type {type}."),
    };

    private static void Write(NpgsqlBinaryImporter writer, object? value, NpgsqlDbType type)
    {
        switch (value, type)
        {
            case (null, _):
                writer.WriteNull();
                break;
            case (long number, NpgsqlDbType.Smallint):
                writer.Write((short)number, type);
                break;
            case (long number, NpgsqlDbType.Integer):
                writer.Write(checked((int)number), type);
                break;
            case (long number, NpgsqlDbType.Boolean):
                writer.Write(number != 0, type);
                break;
            case (long number, NpgsqlDbType.Double):
                writer.Write((double)number, type);
                break;
            case (long number, _):
                writer.Write(number, type);
                break;
            case (double number, _):
                writer.Write(number, type);
                break;
            case (string text, NpgsqlDbType.Bytea):
                writer.Write(Encoding.UTF8.GetBytes(text), type);
                break;
            case (string text, _):
                writer.Write(text, type);
                break;
            default:
                writer.Write((byte[])value!, type);
                break;
        }
    }

    private void Note(string note, string value) => Session.Execute(
        $"INSERT INTO {SharedSchema.CopyNotes} (note, value) VALUES ($1, $2) ON CONFLICT (note) DO UPDATE SET value = excluded.value", note, value);

    private void Change(Action change) => State.ChangeAsync(
        () =>
        {
            change();
            return Task.CompletedTask;
        },
        CancellationToken.None).GetAwaiter().GetResult();
}
