using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>Asks a server whether a run could work with it. Changes nothing.</summary>
internal sealed class SharedStateInspection(TimeProvider clock)
{
    private static readonly string[] _rightsOfTable = ["SELECT", "INSERT", "UPDATE", "DELETE"];

    /// <summary>Asks.</summary>
    /// <param name="address">How the server is reached.</param>
    /// <exception cref="PhishMeException">It cannot be reached, or refuses us.</exception>
    public StateServerReport Run(SharedStateAddress address)
    {
        using var session = PostgreSqlSession.Open(address, writes: false);
        return session.Run(() =>
        {
            var version = VersionOf(session);
            return new StateServerReport
            {
                ServerVersion = session.Connection.PostgreSqlVersion,
                TakesChanges = session.Scalar("SELECT NOT pg_is_in_recovery() AND current_setting('default_transaction_read_only') = 'off'") is true,
                Encoding = (string)session.Scalar("SELECT current_setting('server_encoding')")!,
                Version = version,
                NewestVersion = SharedSchema.NewestVersion,
                MissingRights = [.. MissingRights(session, version)],
                ClockAhead = ClockAhead(session),
                Holder = RunLease.HolderOf(session)?.Name,
                IsEncrypted = PostgreSqlConnectionText.IsLocal(session.Connection.Host)
                    ? null
                    : session.Scalar("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") is true,
            };
        });
    }

    /// <summary>The version of the tables, also when it is newer than what we know; 0 without tables, or without the right to read them.</summary>
    private static int VersionOf(PostgreSqlSession session) =>
        session.Scalar("SELECT to_regnamespace($1) IS NOT NULL AND has_schema_privilege(to_regnamespace($1), 'USAGE') AND to_regclass('phishme_state') IS NOT NULL", session.Address.Schema) is true
            && session.Scalar("SELECT has_table_privilege('phishme_state', 'SELECT')") is true
            ? session.Scalar("SELECT version FROM phishme_state") as int? ?? 0
            : 0;

    private static IEnumerable<string> MissingRights(PostgreSqlSession session, int version)
    {
        var schema = session.Address.Schema;
        if (session.Scalar("SELECT to_regnamespace($1) IS NULL", schema) is true)
        {
            if (session.Scalar("SELECT has_database_privilege(current_database(), 'CREATE')") is not true)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"CREATE in database {session.Connection.Database}, or a schema {schema} that this account owns");
            }

            yield break;
        }

        foreach (var right in (string[])(version == 0 ? ["USAGE", "CREATE"] : ["USAGE"]))
        {
            if (session.Scalar("SELECT has_schema_privilege(to_regnamespace($1), $2)", schema, right) is not true)
            {
                yield return $"{right} in schema {schema}";
            }
        }

        if (version != SharedSchema.NewestVersion)
        {
            yield break;
        }

        foreach (var table in SharedTables.All)
        {
            foreach (var right in _rightsOfTable)
            {
                if (session.Scalar("SELECT has_table_privilege(to_regclass($1), $2)", $"{schema}.{table.Name}", right) is not true)
                {
                    yield return $"{right} on {schema}.{table.Name}";
                }
            }
        }

        if (session.Scalar("SELECT has_database_privilege(current_database(), 'TEMPORARY')") is not true)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"TEMPORARY in database {session.Connection.Database}");
        }
    }

    private TimeSpan ClockAhead(PostgreSqlSession session)
    {
        var before = clock.GetUtcNow();
        var began = clock.GetTimestamp();
        var theirs = (DateTime)session.Scalar("SELECT clock_timestamp()")!;
        var took = clock.GetElapsedTime(began);
        return new DateTimeOffset(theirs.ToUniversalTime()) - (before + (took / 2));
    }
}
