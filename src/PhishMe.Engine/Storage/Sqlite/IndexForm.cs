using System.Globalization;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Threats;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>
/// The form of the index in a state file (<see cref="IndexKey.Form"/>), kept in its application id: it changes with normal forms and keys, not with tables.
/// An index of another form is made anew from the stored threats before a run uses it; until then look-ups refuse it, because they would miss what it has.
/// </summary>
internal static class IndexForm
{
    private const int ThreatsAtOnce = 64;

    private static readonly string[] _clear =
    [
        "DELETE FROM indicator_key", "DELETE FROM indicator_key_new", "DELETE FROM indicator_address", "DELETE FROM indicator",
        "DELETE FROM threat_term", "DELETE FROM term",
    ];

    /// <summary>Whether look-ups may rely on the index: it is of the newest form, or empty.</summary>
    public static bool IsCurrent(SqliteConnection connection) =>
        Number(connection, "PRAGMA application_id") == IndexKey.Form || Number(connection, "SELECT EXISTS (SELECT 1 FROM stored_threat)") == 0;

    /// <summary>Makes the index anew when it is of another form: all of it, or nothing.</summary>
    /// <param name="connection">The state file, within a transaction or not.</param>
    /// <param name="archive">The store in it.</param>
    public static void Ensure(SqliteConnection connection, ThreatArchive archive)
    {
        if (Number(connection, "PRAGMA application_id") == IndexKey.Form)
        {
            return;
        }

        Execute(connection, "SAVEPOINT index_form");
        try
        {
            foreach (var sql in _clear)
            {
                Execute(connection, sql);
            }

            archive.Forget();
            Reindex(connection, archive);
            archive.MoveKeys();
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {IndexKey.Form}"));
            Execute(connection, "RELEASE index_form");
        }
        catch
        {
            // After an error that ended the transaction there is no savepoint left, and nothing to take back.
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle!) == 0)
            {
                Execute(connection, "ROLLBACK TO index_form");
                Execute(connection, "RELEASE index_form");
            }

            archive.Forget();
            throw;
        }
    }

    private static void Reindex(SqliteConnection connection, ThreatArchive archive)
    {
        using var rows = new SqliteStatement(connection, "SELECT threat, json FROM stored_json WHERE threat > ?1 ORDER BY threat LIMIT ?2");
        var page = new List<(long Key, byte[]? Json)>(ThreatsAtOnce);
        var last = long.MinValue;
        do
        {
            page.Clear();
            rows.Bind(1, last).Bind(2, (long)ThreatsAtOnce);
            while (rows.Step())
            {
                last = rows.Integer(0);
                page.Add((last, StoredJson.Unpack(rows.Bytes(1))));
            }

            foreach ((var key, var threat) in page.AsParallel().AsOrdered()
                .Select(row => (row.Key, row.Json is not null && ThreatDocumentReader.Read(row.Json) is ThreatDocument document ? PreparedThreat.Of(document) : null)))
            {
                // What cannot be read stays as it is; 'store check' names it.
                if (threat is not null)
                {
                    archive.Reindex(key, threat);
                }
            }
        }
        while (page.Count == ThreatsAtOnce);
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var statement = new SqliteStatement(connection, sql);
        return statement.Step() ? statement.Integer(0) : 0;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var statement = new SqliteStatement(connection, sql);
        statement.Run();
    }
}
