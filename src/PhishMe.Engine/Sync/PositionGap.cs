using System.Globalization;
using System.Text.RegularExpressions;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Sync;

/// <summary>
/// A result of a backfill, or some in a row, that the API could not serve. The ids are unknown; the place is known, and that only ever moves towards the
/// beginning, by as many as leave the result. As text it is the subject of its dead letter.
/// </summary>
internal sealed partial record PositionGap
{
    private const string All = "all";

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

    /// <returns>Null when the text is something else.</returns>
    public static PositionGap? Parse(string subject)
    {
        var match = Pattern().Match(subject);
        return match.Success
            && long.TryParse(match.Groups["at"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && (long.TryParse(match.Groups["to"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var to) ? to > at : (to = at) > 0)
            && long.TryParse(match.Groups["total"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var total)
            && WindowGap.TryParseTime(match.Groups["begin"].ValueSpan, out var begin)
            && WindowGap.TryParseTime(match.Groups["end"].ValueSpan, out var end)
            ? new PositionGap
            {
                Type = match.Groups["type"].Value switch
                {
                    All => null,
                    string word when word == ThreatTypes.Word(ThreatType.Malware) => ThreatType.Malware,
                    _ => ThreatType.Phish,
                },
                Begin = begin,
                End = end,
                Position = at - 1,
                Count = to - at + 1,
                Total = total,
            }
            : null;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Count == 1 ? "threat" : "threats")} {Position + 1}{(Count == 1 ? string.Empty : FormattableString.Invariant($" to {Position + Count}"))} of {Total} ({(Type is ThreatType type ? ThreatTypes.Word(type) : All)}) from {WindowGap.Format(Begin)} to {WindowGap.Format(End)}");

    [GeneratedRegex(@"^threats? (?<at>[1-9][0-9]*)(?: to (?<to>[0-9]+))? of (?<total>[0-9]+) \((?<type>all|malware|phish)\) from (?<begin>\S+) to (?<end>\S+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
