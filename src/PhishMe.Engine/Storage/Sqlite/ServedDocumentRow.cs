using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>Reads a stored threat as it is served.</summary>
internal static class ServedDocumentRow
{
    /// <summary>The beginning of a statement over stored_threat and stored_json.</summary>
    public const string Select = "SELECT threat, type, number, withdrawn_at, stored_at, received_at, json";

    /// <summary>How many columns it has.</summary>
    public const int Columns = 7;

    public static ServedDocument Read(SqliteStatement row, RemovedIndicatorTable removed)
    {
        var key = row.Integer(0);
        var id = new ThreatId((ThreatType)row.Integer(1), row.Integer(2));
        return new ServedDocument
        {
            Key = key,
            Id = id,
            WithdrawnAt = TimeOf(row.NullableInteger(3)),
            StoredAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Integer(4)),
            ReceivedAt = TimeOf(row.NullableInteger(5)),
            Json = StoredJson.Unpack(row.Bytes(6)),
            Removed = removed.Read(key, id),
        };
    }

    private static DateTimeOffset? TimeOf(long? time) => time is long known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;
}
