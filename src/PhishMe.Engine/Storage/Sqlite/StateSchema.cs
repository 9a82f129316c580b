using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The versions of the state file, and how older ones become the newest.</summary>
internal static class StateSchema
{
    /// <summary>The column that version 5 adds to the stored threats.</summary>
    private const string ReceivedAt = ", received_at INTEGER";

    /// <summary>What the names of the tables of version 6 begin with.</summary>
    private const string Served = "served_";

    /// <summary>What leads from version n to version n + 1; the first entry leads from 1.</summary>
    private static readonly Action<SqliteConnection, Action<string>?>[] _migrations =
    [
        (connection, _) => Execute(connection, string.Join('\n', StateTables.All
            .Where(table => table.Holds == StateTableUse.Store && table.Name is not ("indicator_key_new" or "removed_indicator")
                && !table.Name.StartsWith(Served, StringComparison.Ordinal))
            .Select(table => table.Sql.Replace(ReceivedAt, string.Empty, StringComparison.Ordinal)))),
        (connection, _) => Execute(connection, StateTables.Sql("indicator_key_new")),
        MigrationTo4.Run,
        (connection, _) => Execute(connection, $"ALTER TABLE stored_threat ADD COLUMN{ReceivedAt[1..]};\n{StateTables.Sql("removed_indicator")}"),
        (connection, _) => Execute(connection, string.Join('\n', StateTables.All
            .Where(table => table.Name.StartsWith(Served, StringComparison.Ordinal))
            .Select(table => table.Sql)) + """

            CREATE INDEX IF NOT EXISTS removed_indicator_value ON removed_indicator (value, kind);
            INSERT INTO served_pending (threat, changed) SELECT threat, 1 FROM stored_threat;
            """),
    ];

    public static int NewestVersion => _migrations.Length + 1;

    public static int VersionOf(SqliteConnection connection) => (int)(long)Scalar(connection, "PRAGMA user_version")!;

    /// <summary>Makes the tables of an empty file, or brings an older file to the newest version. Each step is one transaction.</summary>
    /// <param name="connection">The file.</param>
    /// <param name="step">Test seam: named moments within each step.</param>
    /// <exception cref="PhishMeException">The file is of a newer version than this program knows.</exception>
    public static void Upgrade(SqliteConnection connection, Action<string>? step = null)
    {
        var version = VersionOf(connection);
        Require(version, connection.DataSource);
        if (version == 0)
        {
            Change(connection, NewestVersion, (file, _) => Execute(file, string.Join('\n', StateTables.All.Select(table => table.Sql))), step);
            return;
        }

        for (; version < NewestVersion; version++)
        {
            Change(connection, version + 1, _migrations[version - 1], step);
        }
    }

    /// <exception cref="PhishMeException">The version is newer than this program knows.</exception>
    public static void Require(int version, string path)
    {
        if (version > NewestVersion)
        {
            throw new PhishMeException(
                Faults.StateTooNew,
                FormattableString.Invariant($"The state file has version {version}; this program reads versions up to {NewestVersion}."),
                path);
        }
    }

    internal static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this folder.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static void Change(SqliteConnection connection, int version, Action<SqliteConnection, Action<string>?> change, Action<string>? step)
    {
        Execute(connection, "BEGIN IMMEDIATE");
        try
        {
            change(connection, step);
            step?.Invoke("upgrade-tables-changed");
            Execute(connection, FormattableString.Invariant($"PRAGMA user_version = {version}"));
            step?.Invoke("upgrade-before-commit");
            Execute(connection, "COMMIT");
            step?.Invoke("upgrade-after-commit");
        }
        catch (Exception exception) when (exception is SqliteException or InvalidCastException or PhishMeException)
        {
            // A failing statement may have ended the transaction already.
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle!) == 0)
            {
                Execute(connection, "ROLLBACK");
            }

            throw;
        }
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
