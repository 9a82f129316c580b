using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>Counts what the store holds.</summary>
internal static class SharedStatistics
{
    private const string Live = "t.withdrawn_at IS NULL AND ($1::bigint IS NULL OR t.last_published >= $1::bigint)";

    public static StoreStatistics Read(PostgreSqlSession session, DateTimeOffset? since)
    {
        var from = since?.ToUnixTimeMilliseconds();
        var totals = session.Rows(
            row => (Threats: row.GetInt64(0), Withdrawn: row.GetInt64(1), First: row.OptionalTime(2), Last: row.OptionalTime(3)),
            $"""
            SELECT count(*) FILTER (WHERE {Live}),
                count(*) FILTER (WHERE t.withdrawn_at IS NOT NULL AND ($1::bigint IS NULL OR t.last_published >= $1::bigint)),
                min(t.first_published) FILTER (WHERE {Live}), max(t.last_published) FILTER (WHERE {Live}) FROM stored_threat t
            """,
            from)[0];
        var byKind = Count(
            $"SELECT i.kind::bigint, count(*) FROM indicator i JOIN stored_threat t ON t.threat = i.threat WHERE {Live} GROUP BY 1", kind => Name((IndicatorKind)kind));
        return new StoreStatistics
        {
            Path = session.Name,
            FileSize = session.Scalar(
                "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class WHERE relnamespace = to_regnamespace($1)::oid AND relkind = 'r'",
                session.Address.Schema) as long? ?? 0,
            Threats = totals.Threats,
            Withdrawn = totals.Withdrawn,
            Indicators = byKind.Sum(kind => kind.Count),
            FirstPublished = totals.First,
            LastPublished = totals.Last,
            ByType = Count($"SELECT t.type::bigint, count(*) FROM stored_threat t WHERE {Live} GROUP BY 1", type => Name((ThreatType)type)),
            ByFamily = Terms(TermSort.Family),
            ByBrand = Terms(TermSort.Brand),
            ByRole = CountText(
                $"SELECT r.text, count(*) FROM indicator i JOIN stored_threat t ON t.threat = i.threat JOIN term r ON r.term = i.role WHERE {Live} GROUP BY 1"),
            ByImpact = Count(
                $"SELECT coalesce(i.impact, -1)::bigint, count(*) FROM indicator i JOIN stored_threat t ON t.threat = i.threat WHERE {Live} GROUP BY 1",
                impact => impact < 0 ? "Unrated" : Name((Impact)impact)),
            ByKind = byKind,
            ByDay =
            [
                .. CountText(
                    $"""
                    SELECT to_char(to_timestamp(t.first_published / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD'), count(*) FROM stored_threat t
                    WHERE t.first_published IS NOT NULL AND {Live} GROUP BY 1
                    """).OrderBy(day => day.Name, StringComparer.Ordinal),
            ],
        };

        NamedCount[] Terms(TermSort sort) => CountText(FormattableString.Invariant(
            $"""
            SELECT m.text, count(*) FROM threat_term x JOIN stored_threat t ON t.threat = x.threat JOIN term m ON m.term = x.term
            WHERE x.sort = {(int)sort} AND {Live} GROUP BY 1
            """));

        NamedCount[] Count(string sql, Func<long, string> name) =>
            Ordered(session.Rows(row => new NamedCount(name(row.GetInt64(0)), row.GetInt64(1)), sql, from));

        NamedCount[] CountText(string sql) => Ordered(session.Rows(row => new NamedCount(row.GetString(0), row.GetInt64(1)), sql, from));
    }

    private static NamedCount[] Ordered(List<NamedCount> counts) =>
        [.. counts.OrderByDescending(count => count.Count).ThenBy(count => count.Name, StringComparer.Ordinal)];

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString();
}
