using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>Conditions on stored threats as a statement. Numbers of our own making only: no text of a user enters it.</summary>
internal static class StoredThreatStatement
{
    /// <summary>The statement: parameter 1 is the number of the threat read last, 2 how many rows at most.</summary>
    public static SqliteStatement Prepare(SqliteConnection connection, StoredThreatConditions conditions)
    {
        var sql = new StringBuilder(
            "SELECT t.threat, t.type, t.number, t.withdrawn_at, j.json, t.received_at FROM stored_threat t JOIN stored_json j ON j.threat = t.threat WHERE t.threat > ?1");
        if (!conditions.IncludeWithdrawn)
        {
            sql.Append(" AND t.withdrawn_at IS NULL");
        }

        foreach (var type in conditions.Types)
        {
            Number((long)type, "t.type = ");
        }

        Number(conditions.PublishedFrom, "t.last_published >= ");
        Number(conditions.PublishedBefore, "t.last_published < ");
        Number(conditions.PublishedUntil, "t.last_published <= ");
        Number((long?)conditions.MinimumImpact, "t.impact >= ");
        if (conditions.Ids.Count > 0)
        {
            sql.Append(" AND (t.type, t.number) IN (VALUES ");
            sql.AppendJoin(", ", conditions.Ids.Select(id => string.Create(CultureInfo.InvariantCulture, $"({(int)id.Type}, {id.Number})")));
            sql.Append(')');
        }

        foreach (var term in conditions.Terms)
        {
            sql.Append(" AND EXISTS (SELECT 1 FROM threat_term x WHERE x.threat = t.threat AND x.sort IN (");
            sql.AppendJoin(", ", term.Sorts.Select(sort => (int)sort)).Append(") AND x.term IN (");
            sql.AppendJoin(", ", NumbersOf(connection, term.Texts)).Append("))");
        }

        if (conditions.Roles.Count > 0)
        {
            sql.Append(" AND EXISTS (SELECT 1 FROM indicator i WHERE i.threat = t.threat AND i.role IN (");
            sql.AppendJoin(", ", NumbersOf(connection, conditions.Roles)).Append("))");
        }

        foreach (var keys in conditions.Keys)
        {
            sql.Append(" AND t.threat IN (SELECT threat FROM indicator_key_all WHERE hash IN (").AppendJoin(", ", keys).Append("))");
        }

        return new SqliteStatement(connection, sql.Append(" ORDER BY t.threat LIMIT ?2").ToString());

        void Number(long? value, string condition)
        {
            if (value is long number)
            {
                sql.Append(CultureInfo.InvariantCulture, $" AND {condition}{number}");
            }
        }
    }

    private static List<long> NumbersOf(SqliteConnection connection, IReadOnlyList<string> wanted)
    {
        var numbers = new List<long>();
        using var terms = new SqliteStatement(connection, "SELECT term, text FROM term");
        while (terms.Step())
        {
            if (wanted.Contains(terms.Text(1)!, StringComparer.OrdinalIgnoreCase))
            {
                numbers.Add(terms.Integer(0));
            }
        }

        return numbers;
    }
}
