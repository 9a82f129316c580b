using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>
/// One run at a time over all hosts, on the word of the server: the session that holds the advisory lock has the lease, and a session that ended holds
/// nothing. Each lease has a number that is larger than those before; every commit checks that it is still the newest, so that a run which was paused and has
/// lost its lease commits nothing.
/// </summary>
internal sealed class RunLease(PostgreSqlSession session)
{
    /// <summary>"phis": tells our locks from those of other programs in the same database.</summary>
    private const int Class = 0x70686973;

    /// <summary>How long the server may take to notice that the session before has ended.</summary>
    private const int GraceMilliseconds = 300;

    /// <summary>The number of this lease.</summary>
    public long Fence { get; private set; }

    /// <summary>Takes the lock. The tables need not be there yet.</summary>
    /// <exception cref="PhishMeException">Another run holds it.</exception>
    public void Lock()
    {
        if (TryLock())
        {
            return;
        }

        // A run that was killed a moment ago: its session ends when the server sees that its connection is gone.
        try
        {
            session.Execute(string.Create(CultureInfo.InvariantCulture, $"SET lock_timeout = {GraceMilliseconds}"));
            session.Execute("SELECT pg_advisory_lock($1, hashtext($2))", Class, session.Address.Schema);
        }
        catch (Npgsql.PostgresException exception) when (exception.SqlState == "55P03")
        {
            throw new PhishMeException(Faults.RunLocked, $"Another run is under way{Holder()}.", session.Name, exception);
        }
        finally
        {
            session.Execute("RESET lock_timeout");
        }
    }

    /// <summary>Takes the next number.</summary>
    public void Number(string holder, DateTimeOffset now) =>
        Fence = (long)session.Scalar(
            "UPDATE phishme_state SET fence = fence + 1, holder = $1, held_since = $2 RETURNING fence", holder, now.ToUnixTimeMilliseconds())!;

    /// <summary>Takes the lock again after the connection broke, under the same number.</summary>
    /// <exception cref="PhishMeException">Another run had the lease meanwhile, or has it now.</exception>
    public void LockAgain()
    {
        Lock();
        if (session.Scalar("SELECT fence FROM phishme_state") as long? != Fence)
        {
            throw Lost();
        }
    }

    /// <summary>The lease went to another run.</summary>
    public PhishMeException Lost() => new(
        Faults.StateLeaseLost, $"This run lost its connection, and another run took over meanwhile{Holder()}. Nothing more is committed.", session.Name);

    private bool TryLock() => session.Scalar("SELECT pg_try_advisory_lock($1, hashtext($2))", Class, session.Address.Schema) is true;

    /// <summary>Who has the lease of a state, as far as the server tells this account; null when it is free or the server does not tell.</summary>
    public static (string Name, DateTime Since)? HolderOf(PostgreSqlSession session)
    {
        const string Sessions =
            """
            SELECT activity.application_name, activity.backend_start FROM pg_locks JOIN pg_stat_activity activity USING (pid)
            WHERE locktype = 'advisory' AND granted AND classid::bigint = $1 AND objid::bigint = hashtext($2)::bigint & 4294967295 AND objsubid = 2
                AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1
            """;
        try
        {
            return session.Rows(row => (Name: row.GetString(0), Since: row.GetDateTime(1)), Sessions, (long)Class, session.Address.Schema) is [var holder] ? holder : null;
        }
        catch (Exception exception) when (PostgreSqlErrors.IsOurs(exception))
        {
            return null;
        }
    }

    private string Holder() => HolderOf(session) is { } holder
        ? string.Create(CultureInfo.InvariantCulture, $" ({holder.Name}, since {holder.Since:O})")
        : string.Empty;
}
