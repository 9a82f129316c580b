using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.State;

/// <summary>The tables of the state file and how older versions become the newest.</summary>
internal static class StateSchema
{
    /// <summary>One entry per version; version n is what the first n entries make.</summary>
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE cursor (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            phase INTEGER NOT NULL, generation INTEGER NOT NULL, plan TEXT NOT NULL,
            window_begin INTEGER NOT NULL, window_end INTEGER NOT NULL, follow_from INTEGER NOT NULL,
            next_step INTEGER NOT NULL, total_elements INTEGER, position TEXT,
            mirrored TEXT);
        CREATE TABLE threat (
            type INTEGER NOT NULL, number INTEGER NOT NULL,
            first_published INTEGER, last_published INTEGER, seen_at INTEGER NOT NULL, withdrawn_at INTEGER,
            PRIMARY KEY (type, number)) WITHOUT ROWID;
        CREATE TABLE delivery (
            format INTEGER NOT NULL, type INTEGER NOT NULL, number INTEGER NOT NULL,
            content BLOB NOT NULL, first_published INTEGER, last_published INTEGER,
            generation INTEGER NOT NULL, told_at INTEGER NOT NULL, withdrawn INTEGER NOT NULL,
            PRIMARY KEY (format, type, number)) WITHOUT ROWID;
        CREATE TABLE append_file (path TEXT PRIMARY KEY, length INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE dead_letter (
            subject TEXT NOT NULL, format INTEGER NOT NULL,
            reason TEXT NOT NULL, payload BLOB, first_failed_at INTEGER NOT NULL, last_tried_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL, due_at INTEGER NOT NULL,
            PRIMARY KEY (subject, format)) WITHOUT ROWID;
        CREATE TABLE run (
            sequence INTEGER PRIMARY KEY, run_id TEXT NOT NULL, process_id INTEGER NOT NULL, host TEXT NOT NULL,
            started_at INTEGER NOT NULL, ended_at INTEGER, exit_code INTEGER, summary TEXT);
        CREATE TABLE outbox (sequence INTEGER PRIMARY KEY AUTOINCREMENT, event BLOB NOT NULL);
        """,
    ];

    public static int NewestVersion => Migrations.Length;

    /// <exception cref="PhishMeException">The file is of a newer version.</exception>
    public static void Upgrade(SqliteConnection connection)
    {
        int version = (int)(long)Scalar(connection, "PRAGMA user_version")!;
        if (version > NewestVersion)
        {
            throw new PhishMeException(
                Faults.StateTooNew,
                FormattableString.Invariant($"The state file is of version {version}; this program knows up to {NewestVersion}."),
                connection.DataSource);
        }

        for (; version < NewestVersion; version++)
        {
            using SqliteTransaction transaction = connection.BeginTransaction();
            using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
            command.CommandText = Migrations[version] + FormattableString.Invariant($"PRAGMA user_version = {version + 1};");
#pragma warning restore CA2100
            command.ExecuteNonQuery();
            transaction.Commit();
        }
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
