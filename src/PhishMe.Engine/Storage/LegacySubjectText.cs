using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>The words in which version 3 of the state, and version 1 of a named position, kept places. Only their upgrades read them.</summary>
internal static partial class LegacySubjectText
{
    /// <summary>The one destination that had a queue.</summary>
    public const string Collector = "syslog@raw_cef";

    /// <summary>What such words say.</summary>
    public static DeadLetterPlace PlaceOf(string subject) =>
        ThreatId.TryParse(subject, null, out var id) ? new ThreatPlace(id)
        : PositionGapOf(subject) ?? WindowGapOf(subject) ?? UnreadableOf(subject) ?? StrayLineOf(subject)
            ?? QueueItemOf(subject) ?? (DeadLetterPlace)new OtherPlace(subject);

    /// <returns>Null when the text is something else.</returns>
    private static DeadLetterPlace? PositionGapOf(string subject)
    {
        var match = Positions().Match(subject);
        return match.Success
            && TryNumber(match.Groups["at"], out var at)
            && (TryNumber(match.Groups["to"], out var to) ? to > at : (to = at) > 0)
            && TryNumber(match.Groups["total"], out var total)
            && TryTime(match.Groups["begin"], out var begin)
            && TryTime(match.Groups["end"], out var end)
            ? new PositionGap
            {
                Type = match.Groups["type"].Value switch
                {
                    "all" => null,
                    string word when word == ThreatTypes.Word(ThreatType.Malware) => ThreatType.Malware,
                    string word when word == ThreatTypes.Word(ThreatType.Phish) => ThreatType.Phish,
                    var other => throw new UnreachableException(other),
                },
                Begin = begin,
                End = end,
                Position = at - 1,
                Count = to - at + 1,
                Total = total,
            }
            : null;
    }

    private static DeadLetterPlace? WindowGapOf(string subject)
    {
        var match = Window().Match(subject);
        return match.Success && TryTime(match.Groups["begin"], out var begin) && TryTime(match.Groups["end"], out var end) ? new WindowGap(begin, end) : null;
    }

    private static DeadLetterPlace? UnreadableOf(string subject)
    {
        var match = Unreadable().Match(subject);
        return match.Success && TryNumber(match.Groups["generation"], out var generation) && TryNumber(match.Groups["page"], out var page)
            && TryNumber(match.Groups["item"], out var item) && generation <= int.MaxValue && item <= int.MaxValue
            ? new UnreadablePlace((int)generation, page, (int)item)
            : null;
    }

    private static DeadLetterPlace? StrayLineOf(string subject)
    {
        var match = StrayLine().Match(subject);
        return match.Success
            && DateTimeOffset.TryParseExact(
                match.Groups["day"].ValueSpan, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day)
            && TryNumber(match.Groups["number"], out var number) && number <= int.MaxValue
            ? new StrayLinePlace(day, (int)number)
            : null;
    }

    private static DeadLetterPlace? QueueItemOf(string subject)
    {
        var match = QueueItem().Match(subject);
        return match.Success && TryNumber(match.Groups["sequence"], out var sequence)
            ? new QueuePlace(new DestinationId(Collector), sequence, About: null, Key: string.Empty)
            : null;
    }

    private static bool TryNumber(Group group, out long number) =>
        long.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool TryTime(Group group, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        group.ValueSpan, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    [GeneratedRegex(@"^threats? (?<at>[1-9][0-9]*)(?: to (?<to>[0-9]+))? of (?<total>[0-9]+) \((?<type>all|malware|phish)\) from (?<begin>\S+) to (?<end>\S+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Positions();

    [GeneratedRegex(@"^CEF from (?<begin>\S+) to (?<end>\S+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Window();

    [GeneratedRegex("^backfill (?<generation>[0-9]+), page (?<page>[0-9]+), unreadable threat (?<item>[0-9]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Unreadable();

    [GeneratedRegex("^CEF window of (?<day>[0-9-]{10}), stray line (?<number>[0-9]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex StrayLine();

    [GeneratedRegex("^syslog event (?<sequence>[0-9]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex QueueItem();
}
