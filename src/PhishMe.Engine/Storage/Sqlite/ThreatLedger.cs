using Microsoft.Data.Sqlite;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>
/// The threats seen and what each output was told about them: the statements that a run executes for every threat and every output, prepared once.
/// Every change belongs to the transaction that is open on the connection.
/// </summary>
internal sealed class ThreatLedger(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _told = new(
        connection,
        "SELECT content, first_published, last_published, generation, told_at, withdrawn FROM delivery WHERE format = ?1 AND type = ?2 AND number = ?3");

    private readonly SqliteStatement _recordThreat = new(
        connection,
        """
        INSERT INTO threat (type, number, first_published, last_published, seen_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (type, number) DO UPDATE SET first_published = coalesce(?3, first_published),
            last_published = coalesce(?4, last_published), seen_at = ?5, withdrawn_at = NULL
        """);

    private readonly SqliteStatement _recordDelivery = new(
        connection,
        """
        INSERT INTO delivery (format, type, number, content, first_published, last_published, generation, told_at, withdrawn)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (format, type, number) DO UPDATE SET content = ?4, first_published = ?5, last_published = ?6,
            generation = ?7, told_at = ?8, withdrawn = ?9
        """);

    /// <summary>What an output was last told about a threat; null when nothing.</summary>
    /// <exception cref="FormatException">The row holds what no run ever wrote.</exception>
    public DeliveryRecord? Told(OutputFormat format, ThreatId id)
    {
        if (!_told.Bind(1, (long)format).Bind(2, (long)id.Type).Bind(3, id.Number).Step())
        {
            return null;
        }

        try
        {
            return new DeliveryRecord
            {
                Content = _told.IsBlob(0) ? ContentHash.Read(_told.Bytes(0)) : throw new FormatException("A fingerprint is not a blob."),
                FirstPublished = _told.IsNull(1) ? null : Whole(1),
                LastPublished = _told.IsNull(2) ? null : Whole(2),
                Generation = checked((int)Whole(3)),
                ToldAt = Whole(4),
                Withdrawn = Whole(5) != 0,
            };
        }
        finally
        {
            _told.Reset();
        }
    }

    public void RecordThreat(ThreatId id, long? firstPublished, long? lastPublished, long now) =>
        _recordThreat.Bind(1, (long)id.Type).Bind(2, id.Number).Bind(3, firstPublished).Bind(4, lastPublished).Bind(5, now).Run();

    public void RecordDelivery(OutputFormat format, ThreatId id, DeliveryRecord record)
    {
        Span<byte> content = stackalloc byte[ContentHash.Size];
        record.Content.Write(content);
        _recordDelivery.Bind(1, (long)format).Bind(2, (long)id.Type).Bind(3, id.Number).BindBlob(4, content)
            .Bind(5, record.FirstPublished).Bind(6, record.LastPublished).Bind(7, record.Generation).Bind(8, record.ToldAt)
            .Bind(9, record.Withdrawn ? 1 : 0).Run();
    }

    public void Dispose()
    {
        _told.Dispose();
        _recordThreat.Dispose();
        _recordDelivery.Dispose();
    }

    private long Whole(int column) => _told.IsInteger(column) ? _told.Integer(column) : throw new FormatException("A number is not an integer.");
}
