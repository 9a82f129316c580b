using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

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
        // The store. Short numbers of our own stand for threats and terms, because the index repeats them millions of times; the JSON lies apart,
        // so that reading dates and titles does not read past it. The index has keys of its own (IndexKey) and no value twice.
        """
        CREATE TABLE stored_threat (
            threat INTEGER PRIMARY KEY, type INTEGER NOT NULL, number INTEGER NOT NULL, content BLOB NOT NULL,
            first_published INTEGER, last_published INTEGER, withdrawn_at INTEGER, stored_at INTEGER NOT NULL,
            impact INTEGER, label TEXT, detail_url TEXT);
        CREATE UNIQUE INDEX stored_threat_id ON stored_threat (type, number);
        CREATE INDEX stored_threat_age ON stored_threat (coalesce(last_published, first_published, stored_at));
        CREATE TABLE stored_json (threat INTEGER PRIMARY KEY, json BLOB NOT NULL);
        CREATE TABLE term (term INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
        CREATE TABLE threat_term (
            threat INTEGER NOT NULL, sort INTEGER NOT NULL, term INTEGER NOT NULL, PRIMARY KEY (threat, sort, term)) WITHOUT ROWID;
        CREATE TABLE indicator (
            threat INTEGER NOT NULL, ordinal INTEGER NOT NULL, kind INTEGER NOT NULL, source INTEGER NOT NULL, impact INTEGER,
            corollary INTEGER NOT NULL, role INTEGER, family INTEGER, value NOT NULL, PRIMARY KEY (threat, ordinal)) WITHOUT ROWID;
        CREATE INDEX indicator_network ON indicator (value) WHERE kind IN (1, 2) AND instr(value, '/') > 0;
        CREATE TABLE indicator_key (
            hash INTEGER NOT NULL, threat INTEGER NOT NULL, ordinal INTEGER NOT NULL, PRIMARY KEY (hash, threat, ordinal)) WITHOUT ROWID;
        CREATE TABLE indicator_address (
            address BLOB NOT NULL, threat INTEGER NOT NULL, ordinal INTEGER NOT NULL, PRIMARY KEY (address, threat, ordinal)) WITHOUT ROWID;
        """,
        // Keys are in no order: written one by one into the large table, those of a single page of the backfill would touch most of its pages. They
        // gather in a small table and are moved in order.
        """
        CREATE TABLE indicator_key_new (
            hash INTEGER NOT NULL, threat INTEGER NOT NULL, ordinal INTEGER NOT NULL, PRIMARY KEY (hash, threat, ordinal)) WITHOUT ROWID;
        CREATE VIEW indicator_key_all AS
            SELECT hash, threat, ordinal FROM indicator_key UNION ALL SELECT hash, threat, ordinal FROM indicator_key_new;
        """,
    ];

    public static int NewestVersion => Migrations.Length;

    /// <exception cref="PhishMeException">The file is of a newer version.</exception>
    public static void Upgrade(SqliteConnection connection) => Upgrade(connection, NewestVersion);

    public static int VersionOf(SqliteConnection connection) => (int)(long)Scalar(connection, "PRAGMA user_version")!;

    /// <summary>Upgrades up to a version: a copy is made in the shape of its source.</summary>
    /// <exception cref="PhishMeException">The file is of a newer version than this program knows.</exception>
    public static void Upgrade(SqliteConnection connection, int target)
    {
        var version = VersionOf(connection);
        Require(Math.Max(version, target), connection.DataSource);
        for (; version < target; version++)
        {
            using var transaction = connection.BeginTransaction();
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
            command.CommandText = Migrations[version] + FormattableString.Invariant($"PRAGMA user_version = {version + 1};");
#pragma warning restore CA2100
            command.ExecuteNonQuery();
            transaction.Commit();
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

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
