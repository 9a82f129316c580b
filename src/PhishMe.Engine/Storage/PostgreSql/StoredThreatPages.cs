namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>Reads the stored JSON in the order of the store, a page at a time.</summary>
internal static class StoredThreatPages
{
    /// <summary>The threats behind a place.</summary>
    /// <returns>The store's own key and the JSON, null when damaged; fewer than <paramref name="most"/> at the end.</returns>
    public static List<(int Key, byte[]? Json)> Read(PostgreSqlSession session, long after, int most) => session.Rows(
        row => (row.GetInt32(0), StoredJson.Unpack(row.GetFieldValue<byte[]>(1))),
        "SELECT threat, json FROM stored_json WHERE threat > $1 ORDER BY threat LIMIT $2", after, most);

    public static void Each(PostgreSqlSession session, int most, Action<IReadOnlyList<(int Key, byte[]? Json)>> take)
    {
        long last = int.MinValue;
        List<(int Key, byte[]? Json)> page;
        do
        {
            page = Read(session, last, most);
            take(page);
            last = page.Count > 0 ? page[^1].Key : last;
        }
        while (page.Count == most);
    }
}
