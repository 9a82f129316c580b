using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The tables of the shared state, their version, and how older ones become the newest.</summary>
internal static class SharedSchema
{
    /// <summary>What leads from version n to version n + 1; the first entry leads from 1.</summary>
    private static readonly string[] _migrations = [];

    /// <summary>The notes of a copy that is being made into this state, and is not complete.</summary>
    public const string CopyNotes = "state_copy";

    public static int NewestVersion => _migrations.Length + 1;

    /// <summary>Whether the state is a copy that is being made.</summary>
    public static bool IsBeingCopied(PostgreSqlSession session) => session.Scalar("SELECT to_regclass($1) IS NOT NULL", $"{session.Address.Schema}.{CopyNotes}") is true;

    /// <summary>The version of the tables; 0 when they do not exist.</summary>
    /// <param name="session">The session.</param>
    /// <param name="ofCopy">Whether an unfinished copy counts as a state.</param>
    /// <exception cref="PhishMeException">They are of a newer version than this program knows, or hold an unfinished copy.</exception>
    public static int VersionOf(PostgreSqlSession session, bool ofCopy = false)
    {
        // Not by the catalogue alone: an account without rights in the schema gets a message of the server.
        if (session.Scalar("SELECT to_regnamespace($1) IS NOT NULL AND to_regclass('phishme_state') IS NOT NULL", session.Address.Schema) is not true)
        {
            return 0;
        }

        if (!ofCopy && IsBeingCopied(session))
        {
            throw new PhishMeException(Faults.StateCopyUnfinished, "The shared state is a copy that was not completed.", session.Name);
        }

        var version = session.Scalar("SELECT version FROM phishme_state") as int? ?? 0;
        return version <= NewestVersion
            ? version
            : throw new PhishMeException(
                Faults.StateTooNew,
                FormattableString.Invariant($"The shared state has version {version}; this program knows versions up to {NewestVersion}."),
                session.Name);
    }

    /// <summary>Makes the tables, or brings older ones to the newest version, all or nothing. The caller has the lease.</summary>
    /// <param name="session">The session.</param>
    /// <param name="step">Test seam: named moments.</param>
    /// <exception cref="PhishMeException">They are of a newer version than this program knows.</exception>
    /// <param name="ofCopy">Whether an unfinished copy counts as a state.</param>
    public static void Upgrade(PostgreSqlSession session, Action<string>? step, bool ofCopy = false)
    {
        var version = VersionOf(session, ofCopy);
        if (version == NewestVersion)
        {
            return;
        }

        using var transaction = session.Connection.BeginTransaction();
        if (version == 0)
        {
            if (session.Scalar("SELECT to_regnamespace($1) IS NULL", session.Address.Schema) is true)
            {
                session.Execute($"CREATE SCHEMA {session.Address.Schema}");
            }

            session.Execute(string.Join(";\n", SharedTables.All.Select(table => table.Sql)));
            session.Execute("INSERT INTO phishme_state (version, index_form) VALUES ($1, $2)", NewestVersion, IndexKey.Form);
        }

        for (; version > 0 && version < NewestVersion; version++)
        {
            session.Execute(_migrations[version - 1]);
            session.Execute("UPDATE phishme_state SET version = $1", version + 1);
        }

        step?.Invoke("upgrade-before-commit");
        transaction.Commit();
        step?.Invoke("upgrade-after-commit");
    }
}
