using System.Globalization;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>
/// A result of a backfill, or some in a row, that the API could not serve. The ids are unknown; the place is known, and that only ever moves towards the
/// beginning, by as many as leave the result.
/// </summary>
internal sealed record PositionGap : DeadLetterPlace
{
    public override DeadLetterKind Kind => DeadLetterKind.MissingResults;

    /// <summary>Null for both products.</summary>
    public required ThreatType? Type { get; init; }

    public required DateTimeOffset Begin { get; init; }

    public required DateTimeOffset End { get; init; }

    /// <summary>The first, from zero.</summary>
    public required long Position { get; init; }

    /// <summary>How many in a row.</summary>
    public long Count { get; init; } = 1;

    /// <summary>Size of the result when the position was noted.</summary>
    public required long Total { get; init; }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Count == 1 ? "threat" : "threats")} {Position + 1}{(Count == 1 ? string.Empty : FormattableString.Invariant($" to {Position + Count}"))} of {Total} ({(Type is ThreatType type ? ThreatTypes.Word(type) : "all")}) from {WindowGap.Format(Begin)} to {WindowGap.Format(End)}");
}
