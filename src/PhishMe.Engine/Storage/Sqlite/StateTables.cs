namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>All tables of the state file in their newest shape. A new table is a new entry here and a migration in <see cref="StateSchema"/>.</summary>
internal static class StateTables
{
    private const string CursorColumns =
        """
        phase INTEGER{0}, generation INTEGER{0}, plan TEXT{0}, window_begin INTEGER{0}, window_end INTEGER{0}, follow_from INTEGER{0},
            next_step INTEGER{0}, total_elements INTEGER, position TEXT
        """;

    public static IReadOnlyList<StateTable> All { get; } =
    [
        new("cursor", $"""
            CREATE TABLE cursor (
                only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
                {CursorColumns.Replace("{0}", " NOT NULL", StringComparison.Ordinal)},
                commits INTEGER NOT NULL);
            """, StateTableUse.Shared),
        new("mirror", "CREATE TABLE mirror (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), position TEXT);", StateTableUse.Host),
        new("threat", """
            CREATE TABLE threat (
                type INTEGER NOT NULL, number INTEGER NOT NULL,
                first_published INTEGER, last_published INTEGER, seen_at INTEGER NOT NULL, withdrawn_at INTEGER,
                PRIMARY KEY (type, number)) WITHOUT ROWID;
            """, StateTableUse.Shared),

        // Short numbers of our own stand for destinations, because deliveries and queues repeat them millions of times.
        new("destination", $"""
            CREATE TABLE destination (
                destination INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, commits INTEGER NOT NULL, seen_position TEXT,
                catch_up INTEGER, catch_up_started_at INTEGER, store_place INTEGER,
                {CursorColumns.Replace("{0}", string.Empty, StringComparison.Ordinal)},
                fingerprint TEXT, last_delivery_at INTEGER, last_error TEXT, last_error_at INTEGER);
            """, StateTableUse.Shared),
        new("delivery", """
            CREATE TABLE delivery (
                destination INTEGER NOT NULL, type INTEGER NOT NULL, number INTEGER NOT NULL,
                content BLOB NOT NULL, first_published INTEGER, last_published INTEGER,
                generation INTEGER NOT NULL, delivered_at INTEGER NOT NULL, withdrawn INTEGER NOT NULL,
                PRIMARY KEY (destination, type, number)) WITHOUT ROWID;
            """, StateTableUse.Shared),
        new("queue", """
            CREATE TABLE queue (
                sequence INTEGER PRIMARY KEY AUTOINCREMENT, destination INTEGER NOT NULL, verb INTEGER NOT NULL,
                type INTEGER, number INTEGER, key TEXT NOT NULL, payload BLOB NOT NULL,
                attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL DEFAULT 0);
            CREATE INDEX queue_order ON queue (destination, sequence);
            CREATE INDEX queue_postponed ON queue (destination, key, sequence) WHERE due_at > 0;
            """, StateTableUse.Shared),
        new("dead_letter", """
            CREATE TABLE dead_letter (
                letter INTEGER PRIMARY KEY, kind INTEGER NOT NULL, destination TEXT NOT NULL, format INTEGER NOT NULL,
                type INTEGER, number INTEGER, begins_at INTEGER, ends_at INTEGER, position INTEGER, length INTEGER, total INTEGER, text TEXT,
                reason TEXT NOT NULL, payload BLOB, first_failed_at INTEGER NOT NULL, last_tried_at INTEGER NOT NULL,
                attempts INTEGER NOT NULL, due_at INTEGER NOT NULL);
            CREATE INDEX dead_letter_place ON dead_letter (kind, format, type, number, begins_at, position);
            """, StateTableUse.Shared),
        new("ledger", """
            CREATE TABLE ledger (
                destination INTEGER NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, target_reference TEXT, expires_at INTEGER,
                sent_at INTEGER NOT NULL, PRIMARY KEY (destination, key)) WITHOUT ROWID;
            CREATE INDEX ledger_expiry ON ledger (destination, expires_at);
            """, StateTableUse.Shared),
        new("run", """
            CREATE TABLE run (
                sequence INTEGER PRIMARY KEY, run_id TEXT NOT NULL, process_id INTEGER NOT NULL, host TEXT NOT NULL,
                started_at INTEGER NOT NULL, ended_at INTEGER, exit_code INTEGER, summary TEXT);
            """, StateTableUse.Shared),
        new("append_file", "CREATE TABLE append_file (path TEXT PRIMARY KEY, length INTEGER NOT NULL) WITHOUT ROWID;", StateTableUse.Host),
        new("pace", """
            CREATE TABLE pace (
                host TEXT PRIMARY KEY, in_flight REAL NOT NULL, per_second REAL, learnt_at INTEGER NOT NULL) WITHOUT ROWID;
            """, StateTableUse.Host),

        // A note that an upgrade leaves for the first run after it.
        new("upgrade", "CREATE TABLE upgrade (from_version INTEGER PRIMARY KEY);", StateTableUse.Shared),

        // The store. Short numbers of our own stand for threats and terms, because the index repeats them millions of times; the JSON lies apart,
        // so that reading dates and titles does not read past it. The index has keys of its own (IndexKey) and no value twice.
        new("stored_threat", """
            CREATE TABLE stored_threat (
                threat INTEGER PRIMARY KEY, type INTEGER NOT NULL, number INTEGER NOT NULL, content BLOB NOT NULL,
                first_published INTEGER, last_published INTEGER, withdrawn_at INTEGER, stored_at INTEGER NOT NULL,
                impact INTEGER, label TEXT, detail_url TEXT, received_at INTEGER);
            CREATE UNIQUE INDEX stored_threat_id ON stored_threat (type, number);
            CREATE INDEX stored_threat_age ON stored_threat (coalesce(last_published, first_published, stored_at));
            """, StateTableUse.Store),

        // What updates took out of a threat, by its normal value and as it was written: an attribute of MISP is known by the written one. Roles and
        // families are text, because the terms are numbered again with the index.
        new("removed_indicator", """
            CREATE TABLE removed_indicator (
                threat INTEGER NOT NULL, kind INTEGER NOT NULL, value TEXT NOT NULL, written TEXT NOT NULL, source INTEGER NOT NULL, impact INTEGER,
                corollary INTEGER NOT NULL, role TEXT, family TEXT, file_name TEXT, PRIMARY KEY (threat, kind, value)) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS removed_indicator_value ON removed_indicator (value, kind);
            """, StateTableUse.Store),
        new("stored_json", "CREATE TABLE stored_json (threat INTEGER PRIMARY KEY, json BLOB NOT NULL);", StateTableUse.Store),
        new("term", "CREATE TABLE term (term INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);", StateTableUse.Store),
        new("threat_term", """
            CREATE TABLE threat_term (
                threat INTEGER NOT NULL, sort INTEGER NOT NULL, term INTEGER NOT NULL, PRIMARY KEY (threat, sort, term)) WITHOUT ROWID;
            """, StateTableUse.Store),
        new("indicator", """
            CREATE TABLE indicator (
                threat INTEGER NOT NULL, ordinal INTEGER NOT NULL, kind INTEGER NOT NULL, source INTEGER NOT NULL, impact INTEGER,
                corollary INTEGER NOT NULL, role INTEGER, family INTEGER, value NOT NULL, PRIMARY KEY (threat, ordinal)) WITHOUT ROWID;
            CREATE INDEX indicator_network ON indicator (value) WHERE kind IN (1, 2) AND instr(value, '/') > 0;
            """, StateTableUse.Store),
        new("indicator_key", """
            CREATE TABLE indicator_key (
                hash INTEGER NOT NULL, threat INTEGER NOT NULL, ordinal INTEGER NOT NULL, PRIMARY KEY (hash, threat, ordinal)) WITHOUT ROWID;
            """, StateTableUse.Store),
        new("indicator_address", """
            CREATE TABLE indicator_address (
                address BLOB NOT NULL, threat INTEGER NOT NULL, ordinal INTEGER NOT NULL, PRIMARY KEY (address, threat, ordinal)) WITHOUT ROWID;
            """, StateTableUse.Store),

        // Keys are in no order: written one by one into the large table, those of a single page of the backfill would touch most of its pages. They
        // gather in a small table and are moved in order.
        new("indicator_key_new", """
            CREATE TABLE indicator_key_new (
                hash INTEGER NOT NULL, threat INTEGER NOT NULL, ordinal INTEGER NOT NULL, PRIMARY KEY (hash, threat, ordinal)) WITHOUT ROWID;
            CREATE VIEW indicator_key_all AS
                SELECT hash, threat, ordinal FROM indicator_key UNION ALL SELECT hash, threat, ordinal FROM indicator_key_new;
            """, StateTableUse.Store),

        // What TAXII serves, in the order in which it was added. A threat takes a span of milliseconds, one for each object; its place stands once per
        // collection, so that a page costs the same in each.
        new("served_order", """
            CREATE TABLE served_order (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), form TEXT NOT NULL, origin INTEGER, last INTEGER);
            """, StateTableUse.Store),
        new("served_pending", """
            CREATE TABLE served_pending (threat INTEGER PRIMARY KEY, changed INTEGER NOT NULL);
            """, StateTableUse.Store),
        new("served_threat", """
            CREATE TABLE served_threat (
                threat INTEGER PRIMARY KEY, added INTEGER NOT NULL, length INTEGER NOT NULL, collections INTEGER NOT NULL, valid_until INTEGER NOT NULL);
            CREATE INDEX served_threat_end ON served_threat (valid_until);
            """, StateTableUse.Store),
        new("served_place", """
            CREATE TABLE served_place (
                collection INTEGER NOT NULL, added INTEGER NOT NULL, threat INTEGER NOT NULL, PRIMARY KEY (collection, added)) WITHOUT ROWID;
            """, StateTableUse.Store),
        new("served_family", """
            CREATE TABLE served_family (family TEXT PRIMARY KEY, added INTEGER NOT NULL UNIQUE, collections INTEGER NOT NULL);
            """, StateTableUse.Store),

        // Which threat has an object, by a key of its id; what stays in a collection to which it no longer belongs is noted a second time.
        new("served_object", """
            CREATE TABLE served_object (
                hash INTEGER NOT NULL, threat INTEGER NOT NULL, collections INTEGER NOT NULL, PRIMARY KEY (hash, threat)) WITHOUT ROWID;
            """, StateTableUse.Store),
        new("served_kept", """
            CREATE TABLE served_kept (
                threat INTEGER NOT NULL, hash INTEGER NOT NULL, collections INTEGER NOT NULL, PRIMARY KEY (threat, hash)) WITHOUT ROWID;
            """, StateTableUse.Store),
    ];

    /// <summary>The statements that make a table.</summary>
    public static string Sql(string name) => All.Single(table => table.Name == name).Sql;
}
