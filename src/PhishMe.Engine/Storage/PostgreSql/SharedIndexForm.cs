using PhishMe.Engine.Threats;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>
/// The form of the index (<see cref="IndexKey.Form"/>). An index of another form is rebuilt from the stored threats before a run uses it; until then look-ups
/// refuse it, because they would miss what it has.
/// </summary>
internal static class SharedIndexForm
{
    private const int ThreatsAtOnce = 64;

    /// <summary>Whether look-ups may rely on the index: it is of the newest form, or empty.</summary>
    public static bool IsCurrent(PostgreSqlSession session) =>
        session.Scalar("SELECT index_form = $1 OR NOT EXISTS (SELECT 1 FROM stored_threat) FROM phishme_state", IndexKey.Form) is true;

    /// <summary>Rebuilds the index when it is of another form: all of it, or nothing.</summary>
    public static void Ensure(SharedStateStore store)
    {
        if (store.Session.Scalar("SELECT index_form FROM phishme_state") as int? == IndexKey.Form)
        {
            return;
        }

        using var transaction = store.Session.Connection.BeginTransaction();
        store.Session.Execute("TRUNCATE indicator, threat_term, term");
        store.Threats.Forget();
        StoredThreatPages.Each(store.Session, ThreatsAtOnce, page =>
        {
            // What cannot be read stays as it is; 'store check' names it.
            (int Key, PreparedThreat Threat)[] threats =
            [
                .. page.AsParallel().AsOrdered()
                    .Select(row => (row.Key, row.Json is not null && ThreatDocumentReader.Read(row.Json) is ThreatDocument document ? PreparedThreat.Of(document) : null))
                    .AsEnumerable().Where(row => row.Item2 is not null).Select(row => (row.Key, row.Item2!)),
            ];
            store.Threats.ReindexAsync(threats).GetAwaiter().GetResult();
        });
        store.Session.Execute("UPDATE phishme_state SET index_form = $1, changes = changes + 1", IndexKey.Form);
        transaction.Commit();
    }
}
