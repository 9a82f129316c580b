using System.Globalization;
using System.Text.RegularExpressions;
using PhishMe.Engine.Api;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Sync;

/// <summary>
/// One result of a backfill that the API could not serve. Its id is unknown; its place is known, and that only ever moves towards the beginning, by as
/// many as leave the result. As text it is the subject of its dead letter.
/// </summary>
internal sealed partial record PositionGap
{
    private const string All = "all";

    /// <summary>Null for both products.</summary>
    public required ThreatType? Type { get; init; }

    public required DateTimeOffset Begin { get; init; }

    public required DateTimeOffset End { get; init; }

    /// <summary>From zero.</summary>
    public required long Position { get; init; }

    /// <summary>Size of the result when the position was noted.</summary>
    public required long Total { get; init; }

    /// <returns>Null when the text is something else.</returns>
    public static PositionGap? Parse(string subject)
    {
        Match match = Pattern().Match(subject);
        return match.Success
            && long.TryParse(match.Groups["at"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out long at)
            && long.TryParse(match.Groups["total"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out long total)
            && WindowGap.TryParseTime(match.Groups["begin"].ValueSpan, out DateTimeOffset begin)
            && WindowGap.TryParseTime(match.Groups["end"].ValueSpan, out DateTimeOffset end)
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
                Total = total,
            }
            : null;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"threat {Position + 1} of {Total} ({(Type is ThreatType type ? ThreatTypes.Word(type) : All)}) from {WindowGap.Format(Begin)} to {WindowGap.Format(End)}");

    [GeneratedRegex(@"^threat (?<at>[1-9][0-9]*) of (?<total>[0-9]+) \((?<type>all|malware|phish)\) from (?<begin>\S+) to (?<end>\S+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
