using PhishMe.Engine.Configuration;
using PhishMe.Engine.Rendering;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>A feed: which indicators, and the files that they go to.</summary>
internal sealed record FeedSettings
{
    /// <summary>Losses of more than this share are worth a warning, unless the section says otherwise (percent).</summary>
    public const int UsualLossWarning = 50;

    /// <summary>The name of the feed.</summary>
    public required string Name { get; init; }

    /// <summary>Which threats and indicators it has.</summary>
    public required DeliverySettings Wanted { get; init; }

    /// <summary>
    /// Whether each indicator says how bad it is, so that benign ones may be in it with impact none. A list that is enforced without reading never has them.
    /// </summary>
    public bool SaysImpact { get; init; }

    /// <summary>Its files.</summary>
    public IReadOnlyList<FeedFile> Files { get; init; } = [];

    /// <summary>The file with a report for each threat; null when the product has no such file.</summary>
    public FeedReports? Reports { get; init; }

    /// <summary>The kinds that the reports carry.</summary>
    public IReadOnlyList<IndicatorKind> ReportKinds { get; init; } = [];

    /// <summary>What must never be in it; null for nothing.</summary>
    public AllowList? AllowList { get; init; }

    /// <summary>A file that loses more than this share of its rows at once is worth a warning (percent).</summary>
    public int LossWarning { get; init; } = UsualLossWarning;

    /// <summary>
    /// Whether the store may lack threats that the files have: it was begun in the middle, or is still being filled. Then files that would lose more than
    /// <see cref="LossWarning"/> stay as they are.
    /// </summary>
    public bool IsStoreInPart { get; init; }

    /// <summary>A folder that a copy of each changed file is moved to, because its reader deletes what it has read; null for none.</summary>
    public string? ImportFolder { get; init; }

    /// <summary>Opens the product that is notified of a new content; null when the product finds out by itself.</summary>
    public Func<DestinationHost, IFeedSubscriber>? Subscriber { get; init; }

    /// <summary>Whatever else its content follows from, such as scores.</summary>
    public string Details { get; init; } = string.Empty;

    /// <summary>All files, with full paths.</summary>
    public IEnumerable<string> Paths => Files.Select(file => file.Path).Concat(Reports is null ? [] : [Reports.Path]);

    /// <summary>The kinds that have a place in it.</summary>
    public IEnumerable<IndicatorKind> Kinds => Files.SelectMany(file => file.Kinds).Concat(ReportKinds).Distinct();

    /// <summary>Another text is another feed, although no threat changed.</summary>
    /// <param name="today">The day, which matters where threats age.</param>
    public string Fingerprint(DateOnly today) => string.Join(
        '\n',
        [
            FormattableString.Invariant(
                $"1 {Wanted.MinimumImpact} {Wanted.IncludeCorollary} {string.Join(',', Wanted.Products.Order())} {Wanted.RetentionDays} {Wanted.Retract} {SaysImpact}"),
            Wanted.RetentionDays > 0 ? today.ToString("O", System.Globalization.CultureInfo.InvariantCulture) : string.Empty,
            Details,
            ImportFolder ?? string.Empty,
            .. Files.Select(file => FormattableString.Invariant($"{file.Path} {string.Join(',', file.Kinds)} {file.Ranks} {file.IsBestFirst} {file.MaximumRows}")),
            Reports?.Path ?? string.Empty,
        ]);
}
