namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The order of what is served, in the state file.</summary>
internal sealed class ServedOrder(StateStore state) : IServedOrder
{
    public async Task<ServedState> BeginAsync(string form, CancellationToken cancellationToken)
    {
        var known = await state.ReadAsync(() => state.Session.Command("SELECT form FROM served_order").ExecuteScalar() as string, cancellationToken).ConfigureAwait(false);
        if (known != form)
        {
            await ChangeAsync(
                () =>
                {
                    if (known is not null)
                    {
                        state.Session.Command("INSERT OR REPLACE INTO served_pending (threat, changed) SELECT threat, 1 FROM stored_threat").ExecuteNonQuery();
                    }

                    state.Session.Command(
                        "INSERT INTO served_order (only_row, form) VALUES (1, $form) ON CONFLICT (only_row) DO UPDATE SET form = $form", ("$form", form)).ExecuteNonQuery();
                    return 0;
                },
                cancellationToken).ConfigureAwait(false);
        }

        return await state.ReadAsync(
            () =>
            {
                using var row = state.Session.Command(
                    """
                    SELECT form, last, (SELECT count(*) FROM served_pending),
                        (SELECT count(*) FROM served_pending) * 4
                            + 3 * (SELECT count(*) FROM served_pending JOIN indicator USING (threat))
                            + 3 * (SELECT count(*) FROM served_pending JOIN removed_indicator USING (threat))
                    FROM served_order
                    """).ExecuteReader();
                row.Read();
                return new ServedState(row.GetString(0), row.IsDBNull(1) ? null : row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
            },
            cancellationToken).ConfigureAwait(false);
    }

    public Task ExpireAsync(long now, CancellationToken cancellationToken) => ChangeAsync(
        () =>
        {
            using var expired = new SqliteStatement(state.Connection, "SELECT threat FROM served_threat WHERE valid_until <= ?1");
            var keys = new List<long>();
            expired.Bind(1, now);
            while (expired.Step())
            {
                keys.Add(expired.Integer(0));
            }

            using var places = new SqliteStatement(state.Connection, ServedTables.DeletePlacesSql);
            using var threats = new SqliteStatement(state.Connection, "DELETE FROM served_threat WHERE threat = ?1");
            foreach (var key in keys)
            {
                places.Bind(1, key).Run();
                threats.Bind(1, key).Run();
            }

            return 0;
        },
        cancellationToken);

    public Task<IReadOnlyList<ServedDocument>> ReadPendingAsync(long after, int most, CancellationToken cancellationToken) =>
        state.ReadAsync<IReadOnlyList<ServedDocument>>(
            () =>
            {
                using var rows = new SqliteStatement(
                    state.Connection,
                    $"{ServedDocumentRow.Select}, changed FROM served_pending JOIN stored_threat USING (threat) JOIN stored_json USING (threat) WHERE threat > ?1 ORDER BY threat LIMIT ?2");
                using var removed = new RemovedIndicatorTable(state.Connection);
                var page = new List<ServedDocument>(most);
                rows.Bind(1, after).Bind(2, (long)most);
                while (rows.Step())
                {
                    page.Add(ServedDocumentRow.Read(rows, removed) with { IsChanged = rows.Integer(ServedDocumentRow.Columns) != 0 });
                }

                return page;
            },
            cancellationToken);

    public Task<long?> AssignAsync(
        IReadOnlyList<ServedVersion> versions, IReadOnlyList<long> gone, long first, long limit, long renewedAfter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(versions);
        ArgumentNullException.ThrowIfNull(gone);
        return ChangeAsync(
            () =>
            {
                using var assignment = new ServedAssignment(state.Connection, first, limit);
                foreach (var key in gone)
                {
                    assignment.Remove(key);
                }

                return assignment.Place(versions, renewedAfter) ? assignment.Next : (long?)null;
            },
            cancellationToken);
    }

    private async Task<T> ChangeAsync<T>(Func<T> change, CancellationToken cancellationToken)
    {
        using var transaction = await state.BeginAsync(cancellationToken).ConfigureAwait(false);
        var result = state.Run(change);
        await transaction.CommitAsync().ConfigureAwait(false);
        return result;
    }
}
