namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The offsets of the destinations.</summary>
internal sealed class SharedDestinations(PostgreSqlSession session)
{
    private readonly Dictionary<DestinationId, int> _keys = [];

    public async Task<IReadOnlyList<DestinationState>> AllAsync() => await session.RowsAsync(
        row => new DestinationState
        {
            Id = new DestinationId(row.GetString(0)),
            Commit = row.GetInt64(1),
            Position = row.Text(2),
            CatchUp = row.IsDBNull(3) ? null : new CatchUp
            {
                Reason = (CatchUpReason)row.GetInt32(3),
                StartedAt = row.OptionalTime(4) ?? default,
                StorePlace = row.Long(5),
                Cursor = SharedCursor.Read(row, 10),
            },
            Fingerprint = row.Text(6),
            LastDeliveryAt = row.OptionalTime(7),
            LastError = row.Text(8),
            LastErrorAt = row.OptionalTime(9),
        },
        $"""
        SELECT id, commits, seen_position, catch_up, catch_up_started_at, store_place, fingerprint, last_delivery_at, last_error, last_error_at,
            {SharedCursor.Names} FROM destination ORDER BY id
        """).ConfigureAwait(false);

    public async Task SetAsync(DestinationState state) => await session.ExecuteAsync(
        $"""
        INSERT INTO destination (id, commits, seen_position, catch_up, catch_up_started_at, store_place, fingerprint, last_delivery_at, last_error,
            last_error_at, {SharedCursor.Names})
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
        ON CONFLICT (id) DO UPDATE SET commits = excluded.commits, seen_position = excluded.seen_position, catch_up = excluded.catch_up,
            catch_up_started_at = excluded.catch_up_started_at, store_place = excluded.store_place, fingerprint = excluded.fingerprint,
            last_delivery_at = excluded.last_delivery_at, last_error = excluded.last_error, last_error_at = excluded.last_error_at, {SharedCursor.Excluded}
        """,
        [
            state.Id.ToString(), state.Commit, state.Position, (int?)state.CatchUp?.Reason, state.CatchUp?.StartedAt.ToUnixTimeMilliseconds(),
            state.CatchUp?.StorePlace, state.Fingerprint, state.LastDeliveryAt?.ToUnixTimeMilliseconds(), state.LastError,
            state.LastErrorAt?.ToUnixTimeMilliseconds(), .. SharedCursor.ValuesOf(state.CatchUp?.Cursor),
        ]).ConfigureAwait(false);

    /// <summary>These destinations have everything up to a commit.</summary>
    public async Task AdvanceAsync(IReadOnlyCollection<DestinationId> destinations, long commit, string? position)
    {
        var keys = new List<int>(destinations.Count);
        foreach (var destination in destinations)
        {
            keys.Add(await KeyOfAsync(destination).ConfigureAwait(false));
        }

        await session.ExecuteAsync(
            "UPDATE destination SET commits = $1, seen_position = $2 WHERE destination = any($3)", commit, position, keys.ToArray()).ConfigureAwait(false);
    }

    /// <summary>The short number of a destination; one that is not known yet gets one, when a transaction is open.</summary>
    public async Task<int> KeyOfAsync(DestinationId id)
    {
        if (await FindKeyAsync(id).ConfigureAwait(false) is int known)
        {
            return known;
        }

        var key = (int)(await session.ScalarAsync("INSERT INTO destination (id, commits) VALUES ($1, 0) RETURNING destination", id.ToString()).ConfigureAwait(false))!;
        _keys.Add(id, key);
        return key;
    }

    /// <returns>Null when nothing is known of it.</returns>
    public async Task<int?> FindKeyAsync(DestinationId id)
    {
        if (_keys.TryGetValue(id, out var key))
        {
            return key;
        }

        if (await session.ScalarAsync("SELECT destination FROM destination WHERE id = $1", id.ToString()).ConfigureAwait(false) is not int found)
        {
            return null;
        }

        _keys.Add(id, found);
        return found;
    }

    /// <summary>What was noted in a transaction that was rolled back is not so.</summary>
    public void Forget() => _keys.Clear();
}
