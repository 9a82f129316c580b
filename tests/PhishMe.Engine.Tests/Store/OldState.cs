using Microsoft.Data.Sqlite;

namespace PhishMe.Engine.Tests.Store;

/// <summary>State files in the shapes of older versions. The statements are those of the releases that made them.</summary>
internal static class OldState
{
    private const string Version3 =
        """
        DROP TABLE cursor; DROP TABLE mirror; DROP TABLE destination; DROP TABLE delivery; DROP TABLE queue; DROP TABLE dead_letter; DROP TABLE ledger;
        DROP TABLE pace; DROP TABLE upgrade; DROP TABLE removed_indicator; DROP TABLE served_order; DROP TABLE served_pending; DROP TABLE served_threat;
        DROP TABLE served_place; DROP TABLE served_family; DROP TABLE served_object; DROP TABLE served_kept; ALTER TABLE stored_threat DROP COLUMN received_at;
        CREATE TABLE cursor (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            phase INTEGER NOT NULL, generation INTEGER NOT NULL, plan TEXT NOT NULL,
            window_begin INTEGER NOT NULL, window_end INTEGER NOT NULL, follow_from INTEGER NOT NULL,
            next_step INTEGER NOT NULL, total_elements INTEGER, position TEXT,
            mirrored TEXT);
        CREATE TABLE delivery (
            format INTEGER NOT NULL, type INTEGER NOT NULL, number INTEGER NOT NULL,
            content BLOB NOT NULL, first_published INTEGER, last_published INTEGER,
            generation INTEGER NOT NULL, told_at INTEGER NOT NULL, withdrawn INTEGER NOT NULL,
            PRIMARY KEY (format, type, number)) WITHOUT ROWID;
        CREATE TABLE dead_letter (
            subject TEXT NOT NULL, format INTEGER NOT NULL,
            reason TEXT NOT NULL, payload BLOB, first_failed_at INTEGER NOT NULL, last_tried_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL, due_at INTEGER NOT NULL,
            PRIMARY KEY (subject, format)) WITHOUT ROWID;
        CREATE TABLE outbox (sequence INTEGER PRIMARY KEY AUTOINCREMENT, event BLOB NOT NULL);
        PRAGMA user_version = 3;
        """;

    private const string Version2 = "DROP VIEW indicator_key_all; DROP TABLE indicator_key_new; PRAGMA user_version = 2;";

    private const string Version1 =
        """
        DROP TABLE stored_threat; DROP TABLE stored_json; DROP TABLE term; DROP TABLE threat_term; DROP TABLE indicator; DROP TABLE indicator_key;
        DROP TABLE indicator_address; PRAGMA user_version = 1;
        """;

    /// <summary>Gives a file of the newest version the shape of an older one, with its store, as far as that version had one, and nothing else.</summary>
    public static void Downgrade(string path, int version)
    {
        Execute(path, Version3);
        if (version < 3)
        {
            Execute(path, Version2);
        }

        if (version < 2)
        {
            Execute(path, Version1);
        }
    }

    public static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of the tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
