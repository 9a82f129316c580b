using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>The place of a dead letter as columns of a table, so that nothing has to be read out of words. What each holds depends on the kind.</summary>
internal sealed record DeadLetterColumns
{
    public required DeadLetterKind Kind { get; init; }

    public ThreatType? Type { get; init; }

    public long? Number { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    public long? BeginsAt { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    public long? EndsAt { get; init; }

    public long? Position { get; init; }

    public long? Length { get; init; }

    public long? Total { get; init; }

    public string? Text { get; init; }

    public static DeadLetterColumns Of(DeadLetterPlace place)
    {
        var columns = new DeadLetterColumns { Kind = place.Kind };
        return place switch
        {
            ThreatPlace threat => columns with { Type = threat.Id.Type, Number = threat.Id.Number },
            PositionGap gap => columns with
            {
                Type = gap.Type,
                Position = gap.Position,
                Length = gap.Count,
                Total = gap.Total,
                BeginsAt = gap.Begin.ToUnixTimeMilliseconds(),
                EndsAt = gap.End.ToUnixTimeMilliseconds(),
            },
            WindowGap gap => columns with { BeginsAt = gap.Begin.ToUnixTimeMilliseconds(), EndsAt = gap.End.ToUnixTimeMilliseconds() },
            UnreadablePlace item => columns with { Total = item.Generation, Position = item.Page, Length = item.Item },
            StrayLinePlace line => columns with { BeginsAt = line.Window.ToUnixTimeMilliseconds(), Position = line.Number },
            QueuePlace item => columns with { Type = item.About?.Type, Number = item.About?.Number, Position = item.Sequence, Text = item.Key },
            FilePlace file => columns with { Text = file.Path },
            OtherPlace other => columns with { Text = other.Text },
            _ => throw new InvalidOperationException($"A dead letter cannot be kept at {place.GetType().Name}."),
        };
    }

    /// <param name="destination">The destination that did not take it; empty for none.</param>
    /// <exception cref="FormatException">The columns hold what no run ever wrote.</exception>
    public DeadLetterPlace ToPlace(string destination)
    {
        var threat = Type is ThreatType product && Number is long number ? new ThreatId(product, number) : (ThreatId?)null;
        return Kind switch
        {
            DeadLetterKind.Threat => new ThreatPlace(threat ?? throw new FormatException("A dead letter has no threat.")),
            DeadLetterKind.MissingResults => new PositionGap
            {
                Type = Type,
                Begin = Time(BeginsAt),
                End = Time(EndsAt),
                Position = Known(Position),
                Count = Known(Length),
                Total = Known(Total),
            },
            DeadLetterKind.MissingWindow => new WindowGap(Time(BeginsAt), Time(EndsAt)),
            DeadLetterKind.UnreadableThreat => new UnreadablePlace(checked((int)Known(Total)), Known(Position), checked((int)Known(Length))),
            DeadLetterKind.StrayLine => new StrayLinePlace(Time(BeginsAt), checked((int)Known(Position))),
            DeadLetterKind.QueueItem => new QueuePlace(new DestinationId(destination), Known(Position), threat, Known(Text)),
            DeadLetterKind.File => new FilePlace(new DestinationId(destination), Known(Text)),
            DeadLetterKind.Other => new OtherPlace(Known(Text)),
            _ => throw new FormatException("A dead letter is of an unknown kind."),
        };
    }

    private static DateTimeOffset Time(long? milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(Known(milliseconds));

    private static long Known(long? value) => value ?? throw new FormatException("A dead letter has no place.");

    private static string Known(string? value) => value ?? throw new FormatException("A dead letter has no place.");
}
