using System.Data;
using Npgsql;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>Reads what is served from a shared state; an account that may only read will do, and so will a standby. Every error leaves it as a fault.</summary>
internal sealed class SharedServedReader : IServedReader
{
    private const string Places =
        """
        SELECT served_threat.threat, served_threat.added, length, served_threat.collections, valid_until, stored_at, last_published
        FROM served_place JOIN served_threat USING (threat) JOIN stored_threat USING (threat)
        WHERE collection = $1 AND served_place.added
        """;

    private const string IsHere = "NOT EXISTS (SELECT 1 FROM served_pending WHERE served_pending.threat = served_threat.threat AND changed)";

    private readonly PostgreSqlSession _session;

    private SharedServedReader(PostgreSqlSession session) => _session = session;

    /// <summary>Every commit of a run counts it up.</summary>
    public long? ChangeNumber => Read(() => _session.Scalar("SELECT changes FROM phishme_state")) as long?;

    public long? Origin => Read(() => _session.Scalar("SELECT origin FROM served_order")) as long?;

    /// <exception cref="PhishMeException">There is no shared state, it cannot be read, or it is of another version.</exception>
    public static SharedServedReader Open(SharedStateAddress address)
    {
        var session = PostgreSqlSession.Open(address, writes: false);
        try
        {
            var version = session.Run(() =>
            {
                Prepare(session);
                return SharedSchema.VersionOf(session);
            });
            return version == SharedSchema.NewestVersion
                ? new SharedServedReader(session)
                : throw new PhishMeException(
                    version == 0 ? Faults.StoreNotFound : Faults.StoreTooOld,
                    version == 0 ? "There is no shared state in this database." : "The shared state is of an older version.",
                    address.Name);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public IReadOnlyList<ServedThreat> ReadThreats(int collection, long after, long now, int most) => Together(() =>
    {
        // The threat before the place may have objects behind it.
        var from = after + 1;
        if (_session.Rows(ReadThreat, $"{Places} <= $2 ORDER BY served_place.added DESC LIMIT 1", collection, after) is [var covering] && covering.Added + covering.Length > from)
        {
            from = covering.Added;
        }

        return _session.Rows(
            ReadThreat, $"{Places} >= $2 AND valid_until > $3 AND {IsHere} ORDER BY served_place.added LIMIT $4", collection, from, now, most);
    });

    public IReadOnlyList<ServedFamily> ReadFamilies(int collection, long after, long until, int most) => Read(() => _session.Rows(
        ReadFamily,
        "SELECT family, added, collections FROM served_family WHERE added > $1 AND added <= $2 AND collections & $3 <> 0 ORDER BY added LIMIT $4",
        after, until, 1 << collection, most));

    public IReadOnlyList<ServedFamily> AllFamilies() => Read(() => _session.Rows(ReadFamily, "SELECT family, added, collections FROM served_family ORDER BY added"));

    public (ServedDocument Document, IReadOnlyDictionary<long, int> Kept)? ReadDocument(ServedThreat threat)
    {
        ArgumentNullException.ThrowIfNull(threat);
        return Together<(ServedDocument, IReadOnlyDictionary<long, int>)?>(() =>
        {
            var key = (int)threat.Key;
            var documents = _session.Rows(
                SharedServedDocuments.Read,
                $"{SharedServedDocuments.Select} FROM stored_threat JOIN stored_json USING (threat) JOIN served_threat USING (threat) WHERE threat = $1 AND added = $2 AND {IsHere}",
                key, threat.Added);
            if (documents.Count == 0)
            {
                return null;
            }

            var kept = _session.Rows(row => (Hash: row.GetInt64(0), Collections: row.GetInt32(1)), "SELECT hash, collections FROM served_kept WHERE threat = $1", key);
            return (SharedServedDocuments.WithRemoved(_session, documents)[0], kept.ToDictionary(one => one.Hash, one => one.Collections));
        });
    }

    public IReadOnlyList<ServedThreat> FindThreats(long hash, long now) => Read(() => _session.Rows(
        ReadThreat,
        $"""
        SELECT served_threat.threat, added, length, served_threat.collections, valid_until, stored_at, last_published
        FROM served_object JOIN served_threat USING (threat) JOIN stored_threat USING (threat)
        WHERE hash = $1 AND valid_until > $2 AND {IsHere} ORDER BY added
        """,
        hash, now));

    public void Dispose() => _session.Dispose();

    private static void Prepare(PostgreSqlSession session)
    {
        session.Execute("SET default_transaction_read_only = on");
        session.Execute("SET plan_cache_mode = force_generic_plan");
    }

    private static ServedThreat ReadThreat(NpgsqlDataReader row) => new()
    {
        Key = row.GetInt32(0),
        Added = row.GetInt64(1),
        Length = row.GetInt32(2),
        Collections = row.GetInt32(3),
        ValidUntil = row.GetInt64(4),
        StoredAt = row.GetInt64(5),
        LastPublished = row.Long(6),
    };

    private static ServedFamily ReadFamily(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1), row.GetInt32(2));

    /// <summary>Several statements on one state of the store.</summary>
    private T Together<T>(Func<T> work) => Read(() =>
    {
        using var transaction = _session.Connection.BeginTransaction(IsolationLevel.RepeatableRead);
        var result = work();
        transaction.Commit();
        return result;
    });

    /// <summary>A server runs for months: a connection that broke is made again, once.</summary>
    private T Read<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (PostgreSqlErrors.IsOurs(exception) && PostgreSqlErrors.IsConnectionLost(exception))
        {
            return _session.Run(() =>
            {
                _session.ReopenAsync(CancellationToken.None).GetAwaiter().GetResult();
                Prepare(_session);
                return work();
            });
        }
        catch (Exception exception) when (PostgreSqlErrors.IsOurs(exception))
        {
            throw PostgreSqlErrors.Of(exception, _session.Name);
        }
    }
}
