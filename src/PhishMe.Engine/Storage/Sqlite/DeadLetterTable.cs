using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The dead letters: kind, destination and place are columns, so that nothing has to be read out of words.</summary>
internal sealed class DeadLetterTable(SqliteSession session)
{
    private const string Place =
        "kind = $kind AND format = $format AND type IS $type AND number IS $number AND begins_at IS $begins AND ends_at IS $ends "
        + "AND position IS $position AND length IS $length AND total IS $total AND text IS $text";

    /// <summary>First retry on the next run, then in growing distance up to a day.</summary>
    private static readonly TimeSpan _firstDistance = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan _longestDistance = TimeSpan.FromDays(1);

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<DeadLetter> All()
    {
        var letters = new List<DeadLetter>();
        using var row = session.Command(
            """
            SELECT kind, destination, format, type, number, begins_at, ends_at, position, length, total, text,
                reason, payload, first_failed_at, last_tried_at, attempts, due_at FROM dead_letter ORDER BY first_failed_at, letter
            """).ExecuteReader();
        while (row.Read())
        {
            var destination = row.GetString(1);
            letters.Add(new DeadLetter
            {
                Place = PlaceOf(row),
                Destination = destination.Length == 0 ? null : new DestinationId(destination),
                Format = (OutputFormat)row.GetInt32(2),
                Reason = row.GetString(11),
                Payload = row.IsDBNull(12) ? null : (byte[])row[12],
                FirstFailedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(13)),
                LastTriedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(14)),
                Attempts = row.GetInt32(15),
                DueAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(16)),
            });
        }

        return letters;
    }

    public bool Any() => session.Command("SELECT EXISTS (SELECT 1 FROM dead_letter)").ExecuteScalar() is 1L;

    /// <summary>Adds one, or counts another failure.</summary>
    public void SetAside(DeadLetter letter, DateTimeOffset now)
    {
        var tried = now.ToUnixTimeMilliseconds();
        var attempts = (int)(session.Command($"SELECT attempts FROM dead_letter WHERE {Place}", PlaceParameters(letter.Place, letter.Format)).ExecuteScalar() as long? ?? 0) + 1;

        // The first retry is due at once, that is: on the next run.
        var distance = attempts == 1 ? TimeSpan.Zero : _firstDistance * Math.Pow(2, Math.Min(attempts - 2, 10));
        var due = tried + (long)(distance < _longestDistance ? distance : _longestDistance).TotalMilliseconds;
        if (attempts == 1)
        {
            Insert(letter with
            {
                FirstFailedAt = now,
                LastTriedAt = now,
                Attempts = 1,
                DueAt = DateTimeOffset.FromUnixTimeMilliseconds(due),
            });
            return;
        }

        session.Command(
            $"UPDATE dead_letter SET reason = $reason, payload = $payload, last_tried_at = $tried, attempts = $attempts, due_at = $due WHERE {Place}",
            [("$reason", letter.Reason), ("$payload", letter.Payload), ("$tried", tried), ("$attempts", attempts), ("$due", due), .. PlaceParameters(letter.Place, letter.Format)])
            .ExecuteNonQuery();
    }

    public void Insert(DeadLetter letter) => session.Command(
        """
        INSERT INTO dead_letter (kind, format, type, number, begins_at, ends_at, position, length, total, text,
            destination, reason, payload, first_failed_at, last_tried_at, attempts, due_at)
        VALUES ($kind, $format, $type, $number, $begins, $ends, $position, $length, $total, $text,
            $destination, $reason, $payload, $failed, $tried, $attempts, $due)
        """,
        [
            .. PlaceParameters(letter.Place, letter.Format),
            ("$destination", letter.Destination?.ToString() ?? string.Empty), ("$reason", letter.Reason), ("$payload", letter.Payload),
            ("$failed", letter.FirstFailedAt.ToUnixTimeMilliseconds()), ("$tried", letter.LastTriedAt.ToUnixTimeMilliseconds()),
            ("$attempts", letter.Attempts), ("$due", letter.DueAt.ToUnixTimeMilliseconds()),
        ]).ExecuteNonQuery();

    /// <returns>Whether there was one.</returns>
    public bool Heal(DeadLetterPlace place, OutputFormat format) =>
        session.Command($"DELETE FROM dead_letter WHERE {Place}", PlaceParameters(place, format)).ExecuteNonQuery() > 0;

    private static (string Name, object? Value)[] PlaceParameters(DeadLetterPlace place, OutputFormat format)
    {
        ThreatType? type = null;
        long? number = null, begins = null, ends = null, position = null, length = null, total = null;
        string? text = null;
        switch (place)
        {
            case ThreatPlace threat:
                (type, number) = (threat.Id.Type, threat.Id.Number);
                break;
            case PositionGap gap:
                (type, position, length, total) = (gap.Type, gap.Position, gap.Count, gap.Total);
                (begins, ends) = (gap.Begin.ToUnixTimeMilliseconds(), gap.End.ToUnixTimeMilliseconds());
                break;
            case WindowGap gap:
                (begins, ends) = (gap.Begin.ToUnixTimeMilliseconds(), gap.End.ToUnixTimeMilliseconds());
                break;
            case UnreadablePlace item:
                (total, position, length) = (item.Generation, item.Page, item.Item);
                break;
            case StrayLinePlace line:
                (begins, position) = (line.Window.ToUnixTimeMilliseconds(), line.Number);
                break;
            case QueuePlace item:
                (type, number, position, text) = (item.About?.Type, item.About?.Number, item.Sequence, item.Key);
                break;
            case FilePlace file:
                text = file.Path;
                break;
            case OtherPlace other:
                text = other.Text;
                break;
            default:
                throw new InvalidOperationException($"A dead letter cannot be kept at {place.GetType().Name}.");
        }

        return
        [
            ("$kind", (int)place.Kind), ("$format", (int)format), ("$type", (int?)type), ("$number", number), ("$begins", begins), ("$ends", ends),
            ("$position", position), ("$length", length), ("$total", total), ("$text", text),
        ];
    }

    private static DeadLetterPlace PlaceOf(SqliteDataReader row)
    {
        var type = row.IsDBNull(3) ? null : (ThreatType?)row.GetInt32(3);
        var threat = type is ThreatType product && !row.IsDBNull(4) ? new ThreatId(product, row.GetInt64(4)) : (ThreatId?)null;
        return (DeadLetterKind)row.GetInt32(0) switch
        {
            DeadLetterKind.Threat => new ThreatPlace(threat ?? throw new FormatException("A dead letter has no threat.")),
            DeadLetterKind.MissingResults => new PositionGap
            {
                Type = type,
                Begin = Time(5),
                End = Time(6),
                Position = row.GetInt64(7),
                Count = row.GetInt64(8),
                Total = row.GetInt64(9),
            },
            DeadLetterKind.MissingWindow => new WindowGap(Time(5), Time(6)),
            DeadLetterKind.UnreadableThreat => new UnreadablePlace(row.GetInt32(9), row.GetInt64(7), row.GetInt32(8)),
            DeadLetterKind.StrayLine => new StrayLinePlace(Time(5), row.GetInt32(7)),
            DeadLetterKind.QueueItem => new QueuePlace(new DestinationId(row.GetString(1)), row.GetInt64(7), threat, row.GetString(10)),
            DeadLetterKind.File => new FilePlace(new DestinationId(row.GetString(1)), row.GetString(10)),
            DeadLetterKind.Other => new OtherPlace(row.GetString(10)),
            _ => throw new FormatException("A dead letter is of an unknown kind."),
        };

        DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
    }
}
