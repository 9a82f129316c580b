using System.Globalization;
using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>Counts what the store holds.</summary>
internal static class StoreStatisticsReader
{
    private const string Live = "t.withdrawn_at IS NULL AND (?1 IS NULL OR t.last_published >= ?1)";

    public static StoreStatistics Read(SqliteConnection connection, string path, DateTimeOffset? since)
    {
        var from = since?.ToUnixTimeMilliseconds();
        long threats, withdrawn;
        DateTimeOffset? first, last;
        using (var totals = new SqliteStatement(
            connection,
            $"""
            SELECT count(*) FILTER (WHERE {Live}), count(*) FILTER (WHERE t.withdrawn_at IS NOT NULL AND (?1 IS NULL OR t.last_published >= ?1)),
                min(t.first_published) FILTER (WHERE {Live}), max(t.last_published) FILTER (WHERE {Live}) FROM stored_threat t
            """).Bind(1, from))
        {
            totals.Step();
            threats = totals.Integer(0);
            withdrawn = totals.Integer(1);
            first = Time(totals.NullableInteger(2));
            last = Time(totals.NullableInteger(3));
        }

        var byKind = Count(
            $"SELECT i.kind, count(*) FROM indicator i JOIN stored_threat t ON t.threat = i.threat WHERE {Live} GROUP BY 1", kind => Name((IndicatorKind)kind));
        return new StoreStatistics
        {
            Path = path,
            FileSize = new FileInfo(path).Length,
            Threats = threats,
            Withdrawn = withdrawn,
            Indicators = byKind.Sum(kind => kind.Count),
            FirstPublished = first,
            LastPublished = last,
            ByType = Count($"SELECT t.type, count(*) FROM stored_threat t WHERE {Live} GROUP BY 1", type => Name((ThreatType)type)),
            ByFamily = Terms(TermSort.Family),
            ByBrand = Terms(TermSort.Brand),
            ByRole = CountText(
                $"SELECT r.text, count(*) FROM indicator i JOIN stored_threat t ON t.threat = i.threat JOIN term r ON r.term = i.role WHERE {Live} GROUP BY i.role"),
            ByImpact = Count(
                $"SELECT coalesce(i.impact, -1), count(*) FROM indicator i JOIN stored_threat t ON t.threat = i.threat WHERE {Live} GROUP BY 1",
                impact => impact < 0 ? "Unrated" : Name((Impact)impact)),
            ByKind = byKind,
            ByDay = Days("stored_threat t"),
            IndicatorsByDay = Days("indicator i JOIN stored_threat t ON t.threat = i.threat"),
        };

        IReadOnlyList<NamedCount> Terms(TermSort sort) => CountText(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            SELECT m.text, count(*) FROM threat_term x JOIN stored_threat t ON t.threat = x.threat JOIN term m ON m.term = x.term
            WHERE x.sort = {(int)sort} AND {Live} GROUP BY x.term
            """));

        IReadOnlyList<NamedCount> Days(string rows) =>
        [
            .. CountText($"SELECT date(t.first_published / 1000, 'unixepoch'), count(*) FROM {rows} WHERE t.first_published IS NOT NULL AND {Live} GROUP BY 1")
                .OrderBy(day => day.Name, StringComparer.Ordinal),
        ];

        IReadOnlyList<NamedCount> Count(string sql, Func<long, string> name)
        {
            using var rows = new SqliteStatement(connection, sql).Bind(1, from);
            var counts = new List<NamedCount>();
            while (rows.Step())
            {
                counts.Add(new NamedCount(name(rows.Integer(0)), rows.Integer(1)));
            }

            return Ordered(counts);
        }

        IReadOnlyList<NamedCount> CountText(string sql)
        {
            using var rows = new SqliteStatement(connection, sql).Bind(1, from);
            var counts = new List<NamedCount>();
            while (rows.Step())
            {
                counts.Add(new NamedCount(rows.Text(0)!, rows.Integer(1)));
            }

            return Ordered(counts);
        }
    }

    private static NamedCount[] Ordered(List<NamedCount> counts) =>
        [.. counts.OrderByDescending(count => count.Count).ThenBy(count => count.Name, StringComparer.Ordinal)];

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString();

    private static DateTimeOffset? Time(long? milliseconds) => milliseconds is long known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;
}
