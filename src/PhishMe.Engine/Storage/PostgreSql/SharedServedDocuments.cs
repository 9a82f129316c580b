using Npgsql;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>Reads stored threats as they are served.</summary>
internal static class SharedServedDocuments
{
    /// <summary>The beginning of a statement over stored_threat and stored_json.</summary>
    public const string Select = "SELECT threat, type, number, withdrawn_at, stored_at, received_at, json";

    /// <summary>How many columns it has.</summary>
    public const int Columns = 7;

    /// <summary>One, without what was removed from it.</summary>
    public static ServedDocument Read(NpgsqlDataReader row) => new()
    {
        Key = row.GetInt32(0),
        Id = new ThreatId((ThreatType)row.GetInt32(1), row.GetInt64(2)),
        WithdrawnAt = row.OptionalTime(3),
        StoredAt = row.Time(4),
        ReceivedAt = row.OptionalTime(5),
        Json = StoredJson.Unpack(row.GetFieldValue<byte[]>(6)),
        Removed = [],
    };

    /// <summary>The same with what was removed from each.</summary>
    public static IReadOnlyList<ServedDocument> WithRemoved(PostgreSqlSession session, IReadOnlyList<ServedDocument> documents)
    {
        if (documents.Count == 0)
        {
            return documents;
        }

        var removed = new SharedRemovedIndicators(session).Read(documents.ToDictionary(document => (int)document.Key, document => document.Id));
        return removed.Count == 0
            ? documents
            : [.. documents.Select(document => removed.TryGetValue((int)document.Key, out var gone) ? document with { Removed = gone } : document)];
    }
}
