using System.IO.Compression;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Storage.Sqlite;

namespace PhishMe.Engine.Tests.Storage;

/// <summary>A folder for a state file.</summary>
internal sealed class StateFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("phishme-state-").FullName;

    public string Path => System.IO.Path.Combine(_folder, "state.db");

    /// <summary>The state file of version 3 that the release before made: a backfill and a run of changes, a collector that was down, five dead letters.</summary>
    public StateFolder WithVersion3()
    {
        using var packed = typeof(StateFolder).Assembly.GetManifestResourceStream("Storage/state-3.db.gz")!;
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        using var file = File.Create(Path);
        unpacked.CopyTo(file);
        return this;
    }

    public StateStore Open(Action<string>? step = null) => StateStore.Open(Path, step);

    /// <summary>The rows of a query, columns joined by blanks, blobs in hexadecimal.</summary>
    public IReadOnlyList<string> Rows(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of the tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var row = command.ExecuteReader();
        var rows = new List<string>();
        while (row.Read())
        {
            rows.Add(string.Join(' ', Enumerable.Range(0, row.FieldCount).Select(column =>
                row[column] is byte[] blob ? Convert.ToHexString(blob) : Convert.ToString(row[column], System.Globalization.CultureInfo.InvariantCulture))));
        }

        return rows;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
