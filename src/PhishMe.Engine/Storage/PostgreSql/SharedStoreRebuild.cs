using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>Rebuilds the store of a shared state, in one transaction. It holds the lease: no run is under way meanwhile. Threats are written many at once.</summary>
internal sealed class SharedStoreRebuild : IThreatStoreRebuild
{
    private const int ThreatsAtOnce = 256;

    private readonly SharedStateStore _state;
    private readonly IStateTransaction _transaction;
    private readonly Dictionary<ThreatId, (PreparedThreat Threat, long? WithdrawnAt)> _waiting = [];
    private readonly List<(int Key, PreparedThreat Threat)> _unindexed = [];
    private long _now;

    /// <exception cref="PhishMeException">The state cannot be opened, or a run is under way.</exception>
    public SharedStoreRebuild(SharedStateStore state)
    {
        _state = state;
        try
        {
            _transaction = state.BeginAsync(CancellationToken.None).GetAwaiter().GetResult();
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    private PostgreSqlSession Session => _state.Session;

    // Not TRUNCATE: readers see the old store until the end, and do not wait.
    public void Clear() => Remove(["indicator", "threat_term", "term", "removed_indicator", "stored_json", "stored_threat", .. SharedServedMarks.Tables]);

    public void ClearIndex() => Remove("indicator", "threat_term", "term");

    public long Count() => Count("SELECT count(*) FROM stored_json");

    public IReadOnlyList<(long Key, byte[]? Json)> Read(long after, int most)
    {
        Flush();
        return Session.Run(() => StoredThreatPages.Read(Session, Math.Max(after, int.MinValue), most).ConvertAll(row => ((long)row.Key, row.Json)));
    }

    public void Index(long key, PreparedThreat threat)
    {
        _unindexed.Add(((int)key, threat));
        if (_unindexed.Count == ThreatsAtOnce)
        {
            Flush();
        }
    }

    public void Put(PreparedThreat threat, long now, long? withdrawnAt = null)
    {
        // The version before counts: what it had and this one no longer has is removed.
        if (_waiting.ContainsKey(threat.Id))
        {
            Flush();
        }

        _now = now;
        _waiting[threat.Id] = (threat, withdrawnAt);
        if (_waiting.Count == ThreatsAtOnce)
        {
            Flush();
        }
    }

    public bool Has(ThreatId id)
    {
        if (_waiting.ContainsKey(id))
        {
            return true;
        }

        return Session.Run(() => Session.Scalar(
            "SELECT EXISTS (SELECT 1 FROM stored_threat JOIN stored_json USING (threat) WHERE type = $1 AND number = $2)", (int)id.Type, id.Number)) is true;
    }

    public void Withdraw(ThreatId id, long now)
    {
        Flush();
        Run(() => _state.Threats.WithdrawAsync([id], now));
    }

    public (long Threats, long Withdrawn) Commit()
    {
        Flush();
        var counts = (Count("SELECT count(*) FROM stored_threat"), Count("SELECT count(*) FROM stored_threat WHERE withdrawn_at IS NOT NULL"));
        _transaction.CommitAsync().GetAwaiter().GetResult();
        return counts;
    }

    public void Dispose()
    {
        _transaction.Dispose();
        _state.Dispose();
    }

    private void Remove(params string[] tables)
    {
        Session.Run(() => tables.Sum(table => Session.Execute($"DELETE FROM {table}")));
        _state.Threats.Forget();
    }

    private long Count(string sql)
    {
        Flush();
        return Session.Run(() => (long)Session.Scalar(sql)!);
    }

    private void Flush()
    {
        if (_waiting.Count > 0)
        {
            Run(() => _state.Threats.PutAsync([.. _waiting.Values.Select(one => one.Threat)], _now, id => _waiting[id].WithdrawnAt));
            _waiting.Clear();
        }

        if (_unindexed.Count > 0)
        {
            Run(() => _state.Threats.ReindexAsync(_unindexed));
            _unindexed.Clear();
        }
    }

    private void Run(Func<Task> work) => Session.RunAsync(async () =>
    {
        await work().ConfigureAwait(false);
        return 0;
    }).GetAwaiter().GetResult();
}
