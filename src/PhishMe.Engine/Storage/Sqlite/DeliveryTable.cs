using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>
/// The threats seen, and what each destination was given of them: the statements that a run executes for every threat, prepared once.
/// Every change belongs to the transaction that is open on the connection.
/// </summary>
internal sealed class DeliveryTable(SqliteSession session) : IDisposable
{
    private readonly SqliteStatement _get = new(
        session.Connection,
        "SELECT content, first_published, last_published, generation, delivered_at, withdrawn FROM delivery WHERE destination = ?1 AND type = ?2 AND number = ?3");

    private readonly SqliteStatement _firstPublished = new(
        session.Connection, "SELECT first_published FROM threat WHERE type = ?1 AND number = ?2 AND first_published IS NOT NULL");

    private readonly SqliteStatement _recordThreat = new(
        session.Connection,
        """
        INSERT INTO threat (type, number, first_published, last_published, seen_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (type, number) DO UPDATE SET first_published = coalesce(?3, first_published),
            last_published = coalesce(?4, last_published), seen_at = ?5, withdrawn_at = NULL
        """);

    private readonly SqliteStatement _recordWithdrawal = new(
        session.Connection,
        """
        INSERT INTO threat (type, number, seen_at, withdrawn_at) VALUES (?1, ?2, ?3, ?3)
        ON CONFLICT (type, number) DO UPDATE SET withdrawn_at = coalesce(withdrawn_at, ?3)
        """);

    private readonly SqliteStatement _record = new(
        session.Connection,
        """
        INSERT INTO delivery (destination, type, number, content, first_published, last_published, generation, delivered_at, withdrawn)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (destination, type, number) DO UPDATE SET content = ?4, first_published = ?5, last_published = ?6,
            generation = ?7, delivered_at = ?8, withdrawn = ?9
        """);

    /// <summary>What a destination was last given of some threats.</summary>
    /// <exception cref="FormatException">A row holds what no run ever wrote.</exception>
    public Dictionary<ThreatId, DeliveryRecord> Get(long destination, IReadOnlyCollection<ThreatId> ids)
    {
        var records = new Dictionary<ThreatId, DeliveryRecord>(ids.Count);
        foreach (var id in ids)
        {
            if (!_get.Bind(1, destination).Bind(2, (long)id.Type).Bind(3, id.Number).Step())
            {
                continue;
            }

            try
            {
                records[id] = new DeliveryRecord
                {
                    Content = _get.IsBlob(0) ? ContentHash.Read(_get.Bytes(0)) : throw new FormatException("A fingerprint is not a blob."),
                    FirstPublished = _get.IsNull(1) ? null : Whole(1),
                    LastPublished = _get.IsNull(2) ? null : Whole(2),
                    Generation = checked((int)Whole(3)),
                    DeliveredAt = Whole(4),
                    Withdrawn = Whole(5) != 0,
                };
            }
            finally
            {
                _get.Reset();
            }
        }

        return records;
    }

    public Dictionary<ThreatId, long> FirstPublished(IReadOnlyCollection<ThreatId> ids)
    {
        var dates = new Dictionary<ThreatId, long>(ids.Count);
        foreach (var id in ids)
        {
            if (_firstPublished.Bind(1, (long)id.Type).Bind(2, id.Number).Step())
            {
                dates[id] = _firstPublished.Integer(0);
                _firstPublished.Reset();
            }
        }

        return dates;
    }

    /// <summary>Those that the API reported withdrawn.</summary>
    public HashSet<ThreatId> WithdrawnAmong(IReadOnlyCollection<ThreatId> ids) =>
    [
        .. ids.Where(id => session.Command(
            "SELECT 1 FROM threat WHERE type = $type AND number = $number AND withdrawn_at IS NOT NULL",
            ("$type", (long)id.Type), ("$number", id.Number)).ExecuteScalar() is not null),
    ];

    /// <summary>Threats that were withdrawn, and that the destination still has.</summary>
    public IReadOnlyList<ThreatId> Withdrawn(long destination, int most)
    {
        var ids = new List<ThreatId>();
        using var row = session.Command(
            """
            SELECT type, number FROM delivery JOIN threat USING (type, number)
            WHERE destination = $destination AND withdrawn = 0 AND withdrawn_at IS NOT NULL ORDER BY type, number LIMIT $most
            """,
            ("$destination", destination), ("$most", most)).ExecuteReader();
        while (row.Read())
        {
            ids.Add(new ThreatId((ThreatType)row.GetInt32(0), row.GetInt64(1)));
        }

        return ids;
    }

    /// <summary>Threats that the destination has and that were published last before a time.</summary>
    public IReadOnlyList<ThreatId> Overdue(long destination, long before, int most)
    {
        var ids = new List<ThreatId>();
        using var row = session.Command(
            """
            SELECT type, number FROM delivery
            WHERE destination = $destination AND withdrawn = 0 AND coalesce(last_published, first_published, delivered_at) < $before LIMIT $most
            """,
            ("$destination", destination), ("$before", before), ("$most", most)).ExecuteReader();
        while (row.Read())
        {
            ids.Add(new ThreatId((ThreatType)row.GetInt32(0), row.GetInt64(1)));
        }

        return ids;
    }

    public void RecordThreats(IReadOnlyCollection<SeenThreat> threats, long now)
    {
        foreach (var threat in threats)
        {
            _recordThreat.Bind(1, (long)threat.Id.Type).Bind(2, threat.Id.Number).Bind(3, threat.FirstPublished).Bind(4, threat.LastPublished).Bind(5, now).Run();
        }
    }

    public void RecordWithdrawals(IReadOnlyCollection<ThreatId> ids, long now)
    {
        foreach (var id in ids)
        {
            _recordWithdrawal.Bind(1, (long)id.Type).Bind(2, id.Number).Bind(3, now).Run();
        }
    }

    public void Record(long destination, IReadOnlyCollection<(ThreatId Id, DeliveryRecord Record)> deliveries)
    {
        Span<byte> content = stackalloc byte[ContentHash.Size];
        foreach ((var id, var record) in deliveries)
        {
            record.Content.Write(content);
            _record.Bind(1, destination).Bind(2, (long)id.Type).Bind(3, id.Number).BindBlob(4, content)
                .Bind(5, record.FirstPublished).Bind(6, record.LastPublished).Bind(7, record.Generation).Bind(8, record.DeliveredAt)
                .Bind(9, record.Withdrawn ? 1 : 0).Run();
        }
    }

    public void Clear(long destination) =>
        session.Command("DELETE FROM delivery WHERE destination = $destination", ("$destination", destination)).ExecuteNonQuery();

    public void Dispose()
    {
        _get.Dispose();
        _firstPublished.Dispose();
        _recordThreat.Dispose();
        _recordWithdrawal.Dispose();
        _record.Dispose();
    }

    private long Whole(int column) => _get.IsInteger(column) ? _get.Integer(column) : throw new FormatException("A number is not an integer.");
}
