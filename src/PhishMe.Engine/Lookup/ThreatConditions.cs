using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Api;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>A query as far as the database answers it, and the fields that have to be looked for in the JSON.</summary>
internal sealed class ThreatConditions
{
    private readonly StoreQuery _query;
    private readonly List<(SearchField Field, List<string> Wanted)> _fields = [];

    /// <exception cref="PhishMeException">A field is unknown.</exception>
    public ThreatConditions(StoreQuery query)
    {
        _query = query;
        var fields = query.Search is ThreatQuery search ? query.Fields.Concat(SearchFields.Of(search)) : query.Fields;
        foreach (var same in fields.GroupBy(field => field.Key, StringComparer.OrdinalIgnoreCase))
        {
            _fields.Add((SearchField.Named(same.Key), [.. same.Select(field => field.Value)]));
        }
    }

    /// <summary>The statement: parameter 1 is the number of the threat read last, 2 how many rows at most.</summary>
    public SqliteStatement Prepare(SqliteConnection connection)
    {
        var sql = new StringBuilder(
            "SELECT t.threat, t.type, t.number, t.withdrawn_at, j.json FROM stored_threat t JOIN stored_json j ON j.threat = t.threat WHERE t.threat > ?1");
        if (!_query.IncludeWithdrawn)
        {
            sql.Append(" AND t.withdrawn_at IS NULL");
        }

        // Numbers of our own making only: no text of a user enters the statement.
        Number(_query.Type is ThreatType type ? (long)type : null, "t.type = ");
        Number(_query.Since?.ToUnixTimeMilliseconds(), "t.last_published >= ");
        Number(_query.Until?.ToUnixTimeMilliseconds(), "t.last_published < ");
        Number((long?)_query.MinimumImpact, "t.impact >= ");
        Number(_query.Search?.Type is ThreatType product ? (long)product : null, "t.type = ");
        Number(_query.Search?.PublishedAfter?.ToUnixTimeMilliseconds(), "t.last_published >= ");
        Number(_query.Search?.PublishedBefore?.ToUnixTimeMilliseconds(), "t.last_published <= ");
        if (_query.Ids.Count > 0)
        {
            sql.Append(" AND (t.type, t.number) IN (VALUES ");
            sql.AppendJoin(", ", _query.Ids.Select(id => string.Create(CultureInfo.InvariantCulture, $"({(int)id.Type}, {id.Number})")));
            sql.Append(')');
        }

        // The JSON has the last word; the index spares reading most of it. It does not know the brand "None", which stands for no brand.
        if (_query.Search?.Family is string family)
        {
            Terms([family.Trim()], "EXISTS (SELECT 1 FROM threat_term x WHERE x.threat = t.threat AND x.sort = 0 AND x.term IN (");
        }

        if (_query.Search?.Brand is { Count: > 0 } brands && !brands.Contains("None", StringComparer.OrdinalIgnoreCase))
        {
            Terms([.. brands.Select(brand => brand.Trim())], "EXISTS (SELECT 1 FROM threat_term x WHERE x.threat = t.threat AND x.sort = 2 AND x.term IN (");
        }

        Terms(_query.Families, "EXISTS (SELECT 1 FROM threat_term x WHERE x.threat = t.threat AND x.sort IN (0, 1) AND x.term IN (");
        Terms(_query.Brands, "EXISTS (SELECT 1 FROM threat_term x WHERE x.threat = t.threat AND x.sort = 2 AND x.term IN (");
        Terms(_query.Roles, "EXISTS (SELECT 1 FROM indicator i WHERE i.threat = t.threat AND i.role IN (");
        foreach ((_, var wanted) in _fields.Where(field => field.Field.Match == FieldMatch.Indexed))
        {
            var keys = wanted.SelectMany(SearchField.NormalForms).Select(text => IndexKey.Of(KeySpace.Value, Encoding.UTF8.GetBytes(text)));
            sql.Append(CultureInfo.InvariantCulture, $" AND t.threat IN (SELECT threat FROM indicator_key_all WHERE hash IN ({string.Join(", ", keys)}))");
        }

        return new SqliteStatement(connection, sql.Append(" ORDER BY t.threat LIMIT ?2").ToString());

        void Number(long? value, string condition)
        {
            if (value is long number)
            {
                sql.Append(CultureInfo.InvariantCulture, $" AND {condition}{number}");
            }
        }

        void Terms(IReadOnlyList<string> wanted, string condition)
        {
            if (wanted.Count > 0)
            {
                sql.Append(" AND ").Append(condition).AppendJoin(", ", NumbersOf(connection, wanted)).Append("))");
            }
        }
    }

    /// <summary>Whether the JSON has what the fields want.</summary>
    public bool Accept(ThreatId id, ReadOnlyMemory<byte> json)
    {
        if (_fields.Count == 0)
        {
            return true;
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            return _fields.TrueForAll(field => field.Field.Finds(id, document.RootElement, field.Wanted));
        }
        catch (JsonException)
        {
            return false;
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
