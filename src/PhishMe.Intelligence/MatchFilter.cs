namespace PhishMe.Intelligence;

/// <summary>Which matches count.</summary>
public sealed record MatchFilter
{
    /// <summary>Everything that was not withdrawn.</summary>
    public static MatchFilter Everything { get; } = new();

    /// <summary>Lowest impact; what is not rated is then left out. Null for all.</summary>
    public Impact? MinimumImpact { get; init; }

    /// <summary>Threats published last at this time or later; those without date are then left out. Null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Roles, in any case, also with wildcards; empty for all.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Also what was withdrawn.</summary>
    public bool IncludeWithdrawn { get; init; }

    /// <summary>Whether a match counts.</summary>
    /// <param name="match">The match.</param>
    /// <returns>True when it does.</returns>
    public bool Accepts(IndicatorMatch match)
    {
        ArgumentNullException.ThrowIfNull(match);
        return (IncludeWithdrawn || !match.Withdrawn)
            && (MinimumImpact is not Impact least || match.Impact >= least)
            && (Since is not DateTimeOffset since || match.LastPublished >= since)
            && (Roles.Count == 0 || NamePattern.MatchesAny(Roles, match.Role));
    }
}
