namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The order of what is served, in a shared state.</summary>
internal sealed class SharedServedOrder(SharedStateStore state) : IServedOrder
{
    private PostgreSqlSession Session => state.Session;

    public async Task<ServedState> BeginAsync(string form, CancellationToken cancellationToken)
    {
        var known = await state.ReadAsync(() => Session.ScalarAsync("SELECT form FROM served_order"), cancellationToken).ConfigureAwait(false) as string;
        if (known != form)
        {
            await state.ChangeAsync(
                async () =>
                {
                    if (known is not null)
                    {
                        await Session.ExecuteAsync(
                            "INSERT INTO served_pending (threat, changed) SELECT threat, true FROM stored_threat ON CONFLICT (threat) DO UPDATE SET changed = true").ConfigureAwait(false);
                    }

                    await Session.ExecuteAsync(
                        "INSERT INTO served_order (only_row, form) VALUES (1, $1) ON CONFLICT (only_row) DO UPDATE SET form = excluded.form", form).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
        }

        return await state.ReadAsync(
            async () => (await Session.RowsAsync(
                row => new ServedState(row.GetString(0), row.Long(1), row.GetInt64(2), row.GetInt64(3)),
                """
                SELECT form, last, (SELECT count(*) FROM served_pending),
                    (SELECT count(*) FROM served_pending) * 4
                        + 3 * (SELECT count(*) FROM served_pending JOIN indicator USING (threat))
                        + 3 * (SELECT count(*) FROM served_pending JOIN removed_indicator USING (threat))
                FROM served_order
                """).ConfigureAwait(false)).Single(),
            cancellationToken).ConfigureAwait(false);
    }

    public Task ExpireAsync(long now, CancellationToken cancellationToken) => state.ChangeAsync(
        () => Session.ExecuteAsync(
            """
            WITH over AS (DELETE FROM served_threat WHERE valid_until <= $1 RETURNING threat, added)
            DELETE FROM served_place USING over, generate_series(0, 31) AS number
            WHERE served_place.collection = number AND served_place.added = over.added AND served_place.threat = over.threat
            """,
            now),
        cancellationToken);

    public Task<IReadOnlyList<ServedDocument>> ReadPendingAsync(long after, int most, CancellationToken cancellationToken) => state.ReadAsync<IReadOnlyList<ServedDocument>>(
        async () => SharedServedDocuments.WithRemoved(Session, await Session.RowsAsync(
            row => SharedServedDocuments.Read(row) with { IsChanged = row.GetBoolean(SharedServedDocuments.Columns) },
            $"{SharedServedDocuments.Select}, changed FROM served_pending JOIN stored_threat USING (threat) JOIN stored_json USING (threat) WHERE threat > $1 ORDER BY threat LIMIT $2",
            Math.Max(after, int.MinValue), most).ConfigureAwait(false)),
        cancellationToken);

    public async Task<long?> AssignAsync(
        IReadOnlyList<ServedVersion> versions, IReadOnlyList<long> gone, long first, long limit, long renewedAfter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(versions);
        ArgumentNullException.ThrowIfNull(gone);
        var assignment = new SharedServedAssignment(Session, first, limit);
        var isComplete = false;
        await state.ChangeAsync(
            async () => isComplete = await assignment.RunAsync(versions, gone, renewedAfter).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        return isComplete ? assignment.Next : null;
    }
}
