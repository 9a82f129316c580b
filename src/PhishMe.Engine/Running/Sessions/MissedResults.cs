using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Sessions;

/// <summary>A place of the back catalogue as the file of a named position has it.</summary>
internal sealed record MissedResults
{
    /// <summary>Null for both products.</summary>
    public ThreatType? Type { get; init; }

    public required DateTimeOffset Begin { get; init; }

    public required DateTimeOffset End { get; init; }

    /// <summary>The first, from zero.</summary>
    public required long Position { get; init; }

    public required long Count { get; init; }

    /// <summary>Size of the result when the place was noted.</summary>
    public required long Total { get; init; }

    public static MissedResults Of(PositionGap gap) => new()
    {
        Type = gap.Type,
        Begin = gap.Begin,
        End = gap.End,
        Position = gap.Position,
        Count = gap.Count,
        Total = gap.Total,
    };

    public PositionGap ToGap() => new() { Type = Type, Begin = Begin, End = End, Position = Position, Count = Count, Total = Total };
}
