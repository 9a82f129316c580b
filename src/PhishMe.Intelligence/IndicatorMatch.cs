using System.Globalization;

namespace PhishMe.Intelligence;

/// <summary>A value that was looked up and an indicator of the store that it met.</summary>
public sealed record IndicatorMatch
{
    /// <summary>The value as it was given, or as it stands in the text.</summary>
    public required string Input { get; init; }

    /// <summary>The stored indicator, in normal form.</summary>
    public required string MatchedValue { get; init; }

    /// <summary>How they met.</summary>
    public required MatchKind MatchKind { get; init; }

    /// <summary>What the stored indicator is.</summary>
    public required IndicatorKind Kind { get; init; }

    /// <summary>How bad contact is; null when the vendor does not say.</summary>
    public Impact? Impact { get; init; }

    /// <summary>What the indicator is used for.</summary>
    public string? Role { get; init; }

    /// <summary>The malware family.</summary>
    public string? Family { get; init; }

    /// <summary>Which part of the threat the indicator was read from.</summary>
    public required IndicatorSource Source { get; init; }

    /// <summary>For correlation and alerts only, never for blocking.</summary>
    public bool Corollary { get; init; }

    /// <summary>The threat.</summary>
    public required ThreatId ThreatId { get; init; }

    /// <summary>Title of the threat.</summary>
    public string? Label { get; init; }

    /// <summary>First publication of the threat.</summary>
    public DateTimeOffset? FirstPublished { get; init; }

    /// <summary>Most recent publication of the threat.</summary>
    public DateTimeOffset? LastPublished { get; init; }

    /// <summary>Whether the vendor took the threat back.</summary>
    public bool Withdrawn { get; init; }

    /// <summary>The page of the threat in the portal.</summary>
    public string? ThreatDetailUrl { get; init; }

    /// <summary>Full path of the file that was searched; null when none was.</summary>
    public string? Path { get; init; }

    /// <summary>Line of the text, from 1; null when no text was searched.</summary>
    public long? LineNumber { get; init; }

    /// <summary>Line, input, how it matched, threat.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(LineNumber is long line ? $"{line.ToString(CultureInfo.InvariantCulture)}: " : string.Empty)}{Input} {MatchKind} {MatchedValue} ({ThreatId})");
}
