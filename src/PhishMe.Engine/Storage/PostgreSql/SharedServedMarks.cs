namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>Notes what is new to the order of what is served, in the transaction that changes the store.</summary>
internal sealed class SharedServedMarks(PostgreSqlSession session)
{
    /// <summary>All tables of the order but its families and its form.</summary>
    public static IReadOnlyList<string> Tables { get; } = ["served_pending", "served_place", "served_threat", "served_object", "served_kept"];

    /// <summary>Threats were stored.</summary>
    /// <param name="threats">The store's number of each, and whether it is another content.</param>
    public async Task MarkAsync(IReadOnlyCollection<(int Key, bool IsChanged)> threats)
    {
        if (threats.Count > 0)
        {
            await session.ExecuteAsync(
                """
                INSERT INTO served_pending (threat, changed) SELECT * FROM unnest($1::integer[], $2::boolean[])
                ON CONFLICT (threat) DO UPDATE SET changed = served_pending.changed OR excluded.changed
                """,
                threats.Select(threat => threat.Key).ToArray(), threats.Select(threat => threat.IsChanged).ToArray()).ConfigureAwait(false);
        }
    }

    /// <summary>Whether an indicator that left another threat is revoked there depends on whether these carry it. Called before their indicators go, and when they are there.</summary>
    public async Task MarkSharingAsync(IReadOnlyCollection<int> keys)
    {
        if (keys.Count > 0)
        {
            // The index has hashes as bytes.
            await session.ExecuteAsync(
                """
                INSERT INTO served_pending (threat, changed) SELECT DISTINCT gone.threat, true FROM indicator JOIN removed_indicator gone
                    ON sha256(gone.value) = sha256(CASE WHEN indicator.digest THEN convert_to(encode(indicator.value, 'hex'), 'UTF8') ELSE indicator.value END)
                    AND gone.kind = indicator.kind
                WHERE EXISTS (SELECT 1 FROM removed_indicator) AND indicator.threat = any($1) AND gone.threat <> indicator.threat
                ON CONFLICT (threat) DO UPDATE SET changed = true
                """,
                keys.ToArray()).ConfigureAwait(false);
        }
    }

    /// <summary>Threats were removed from the store. Keys of their objects that stay are without a threat, and found by no one.</summary>
    public async Task DeleteAsync(int[] keys)
    {
        await DeletePlacesAsync(keys).ConfigureAwait(false);
        foreach (var table in (string[])["served_pending", "served_threat", "served_kept"])
        {
            await session.ExecuteAsync($"DELETE FROM {table} WHERE threat = any($1)", keys).ConfigureAwait(false);
        }
    }

    /// <summary>Takes threats out of all collections.</summary>
    public Task DeletePlacesAsync(int[] keys) => session.ExecuteAsync(
        """
        DELETE FROM served_place USING served_threat, generate_series(0, 31) AS number WHERE served_threat.threat = any($1)
            AND served_place.collection = number AND served_place.added = served_threat.added AND served_place.threat = served_threat.threat
        """,
        keys);
}
