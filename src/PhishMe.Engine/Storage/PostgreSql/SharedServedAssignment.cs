namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>
/// Gives threats their places: first the families that are new with a threat, then each of its objects. Everything is read and written in a few statements,
/// however many threats there are.
/// </summary>
internal sealed class SharedServedAssignment
{
    private readonly PostgreSqlSession _session;
    private readonly long _first;
    private readonly long _limit;
    private readonly SharedServedMarks _marks;
    private readonly List<(ServedVersion Version, long Added, int Collections)> _placed = [];
    private readonly List<(int Collection, long Added, int Threat)> _places = [];
    private readonly Dictionary<(long Hash, int Threat), int> _objects = [];
    private readonly List<(int Threat, long Hash, int Collections)> _kept = [];
    private readonly Dictionary<string, (long Added, int Collections)> _families = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changedFamilies = new(StringComparer.Ordinal);

    /// <param name="session">The session, in a transaction.</param>
    /// <param name="first">The first date added, epoch milliseconds.</param>
    /// <param name="limit">The last date added, epoch milliseconds.</param>
    public SharedServedAssignment(PostgreSqlSession session, long first, long limit)
    {
        (_session, _first, _limit, Next) = (session, first, limit, first);
        _marks = new SharedServedMarks(session);
    }

    /// <summary>The next free date added.</summary>
    public long Next { get; private set; }

    /// <param name="versions">What threats have become.</param>
    /// <param name="gone">Pending threats that are not served.</param>
    /// <param name="renewedAfter">By how much, in milliseconds, the validity of a threat whose content is unchanged has to grow to count.</param>
    /// <returns>Whether all found their place.</returns>
    public async Task<bool> RunAsync(IReadOnlyList<ServedVersion> versions, IReadOnlyList<long> gone, long renewedAfter)
    {
        var known = await KnownAsync(versions).ConfigureAwait(false);
        var served = await ObjectsAsync([.. versions.Where(version => known.GetValueOrDefault((int)version.Key).ValidUntil is not null)]).ConfigureAwait(false);
        foreach (var (family, added, collections) in await _session.RowsAsync(
            row => (row.GetString(0), row.GetInt64(1), row.GetInt32(2)), "SELECT family, added, collections FROM served_family").ConfigureAwait(false))
        {
            _families[family] = (added, collections);
        }

        var settled = gone.Select(key => (int)key).ToList();
        var isComplete = true;
        foreach (var version in versions)
        {
            var (isChanged, validUntil) = known.GetValueOrDefault((int)version.Key);
            if (isChanged || validUntil is not long before || version.ValidUntil - before >= renewedAfter)
            {
                if (!TryPlace(version, validUntil is not null, served))
                {
                    isComplete = false;
                    break;
                }
            }

            settled.Add((int)version.Key);
        }

        await WriteAsync([.. gone.Select(key => (int)key)], [.. settled]).ConfigureAwait(false);
        return isComplete;
    }

    private bool TryPlace(ServedVersion version, bool wasServed, Dictionary<(long Hash, int Threat), int> served)
    {
        string[] families = [.. version.Families.Where(family => (version.Collections & ~_families.GetValueOrDefault(family).Collections) != 0)];
        if (Next + families.Length + version.Objects.Count - 1 > _limit)
        {
            return false;
        }

        foreach (var family in families)
        {
            _families[family] = (Next++, _families.GetValueOrDefault(family).Collections | version.Collections);
            _changedFamilies.Add(family);
        }

        var key = (int)version.Key;
        var all = version.Collections;
        foreach (var (hash, collections) in version.Objects)
        {
            // What was served in a collection stays in it: its readers have to hear that it is another now.
            var before = wasServed ? served.GetValueOrDefault((hash, key)) : 0;
            if ((before & ~collections) != 0)
            {
                _kept.Add((key, hash, before));
            }

            if (before != (before | collections) || !wasServed)
            {
                _objects[(hash, key)] = before | collections;
            }

            all |= before;
        }

        _placed.Add((version, Next, all));
        for (var collection = 0; all >> collection != 0; collection++)
        {
            if ((all >> collection & 1) != 0)
            {
                _places.Add((collection, Next, key));
            }
        }

        Next += version.Objects.Count;
        return true;
    }

    private async Task WriteAsync(int[] gone, int[] settled)
    {
        int[] placed = [.. _placed.Select(one => (int)one.Version.Key)];
        await _marks.DeletePlacesAsync([.. gone, .. placed]).ConfigureAwait(false);
        await _session.ExecuteAsync("DELETE FROM served_threat WHERE threat = any($1)", (int[])[.. gone, .. placed]).ConfigureAwait(false);
        await _session.ExecuteAsync("DELETE FROM served_pending WHERE threat = any($1)", settled).ConfigureAwait(false);
        if (placed.Length == 0)
        {
            return;
        }

        await _session.ExecuteAsync("DELETE FROM served_kept WHERE threat = any($1)", placed).ConfigureAwait(false);
        await _session.ExecuteAsync(
            "INSERT INTO served_threat (threat, added, length, collections, valid_until) SELECT * FROM unnest($1::integer[], $2::bigint[], $3::integer[], $4::integer[], $5::bigint[])",
            placed, _placed.Select(one => one.Added).ToArray(), _placed.Select(one => one.Version.Objects.Count).ToArray(),
            _placed.Select(one => one.Collections).ToArray(), _placed.Select(one => one.Version.ValidUntil).ToArray()).ConfigureAwait(false);
        await _session.ExecuteAsync(
            "INSERT INTO served_place (collection, added, threat) SELECT * FROM unnest($1::integer[], $2::bigint[], $3::integer[])",
            _places.Select(place => place.Collection).ToArray(), _places.Select(place => place.Added).ToArray(), _places.Select(place => place.Threat).ToArray()).ConfigureAwait(false);
        await _session.ExecuteAsync(
            """
            INSERT INTO served_object (hash, threat, collections) SELECT * FROM unnest($1::bigint[], $2::integer[], $3::integer[])
            ON CONFLICT (hash, threat) DO UPDATE SET collections = excluded.collections
            """,
            _objects.Keys.Select(one => one.Hash).ToArray(), _objects.Keys.Select(one => one.Threat).ToArray(), _objects.Values.ToArray()).ConfigureAwait(false);
        await _session.ExecuteAsync(
            "INSERT INTO served_kept (threat, hash, collections) SELECT * FROM unnest($1::integer[], $2::bigint[], $3::integer[]) ON CONFLICT DO NOTHING",
            _kept.Select(one => one.Threat).ToArray(), _kept.Select(one => one.Hash).ToArray(), _kept.Select(one => one.Collections).ToArray()).ConfigureAwait(false);
        string[] families = [.. _changedFamilies];
        await _session.ExecuteAsync(
            """
            INSERT INTO served_family (family, added, collections) SELECT * FROM unnest($1::text[], $2::bigint[], $3::integer[])
            ON CONFLICT (md5(family)) DO UPDATE SET added = excluded.added, collections = excluded.collections
            """,
            families, Array.ConvertAll(families, family => _families[family].Added), Array.ConvertAll(families, family => _families[family].Collections)).ConfigureAwait(false);
        await _session.ExecuteAsync("UPDATE served_order SET last = $2, origin = coalesce(origin, $1)", _first, Next - 1).ConfigureAwait(false);
    }

    /// <summary>Whether each has another content, and how long its version in the order is valid; null when it has none.</summary>
    private async Task<Dictionary<int, (bool IsChanged, long? ValidUntil)>> KnownAsync(IReadOnlyList<ServedVersion> versions) =>
        (await _session.RowsAsync(
            row => (Key: row.GetInt32(0), IsChanged: row.GetBoolean(1), ValidUntil: row.Long(2)),
            """
            SELECT asked.threat, coalesce(changed, false), valid_until FROM unnest($1::integer[]) AS asked (threat)
            LEFT JOIN served_pending USING (threat) LEFT JOIN served_threat USING (threat)
            """,
            versions.Select(version => (int)version.Key).ToArray()).ConfigureAwait(false)).ToDictionary(row => row.Key, row => (row.IsChanged, row.ValidUntil));

    /// <summary>The collections in which objects of threats were ever served.</summary>
    private async Task<Dictionary<(long Hash, int Threat), int>> ObjectsAsync(IReadOnlyList<ServedVersion> versions)
    {
        (long Hash, int Threat)[] asked = [.. versions.SelectMany(version => version.Objects.Select(one => (one.Hash, (int)version.Key))).Distinct()];
        return asked.Length == 0 ? [] : (await _session.RowsAsync(
            row => (Hash: row.GetInt64(0), Threat: row.GetInt32(1), Collections: row.GetInt32(2)),
            "SELECT hash, threat, collections FROM unnest($1::bigint[], $2::integer[]) AS asked (hash, threat) JOIN served_object USING (hash, threat)",
            Array.ConvertAll(asked, one => one.Hash), Array.ConvertAll(asked, one => one.Threat)).ConfigureAwait(false))
            .ToDictionary(row => (row.Hash, row.Threat), row => row.Collections);
    }
}
