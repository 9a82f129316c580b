using System.Globalization;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Rendering;

namespace PhishMe.Engine.Destinations.MispFeed;

/// <summary>A folder that MISP reads as a feed.</summary>
internal sealed record MispFeedSettings
{
    private const string Extension = ".json";

    /// <summary>The folder, with full path.</summary>
    public required string Folder { get; init; }

    /// <summary>Whose threats, and for how long.</summary>
    public required DeliverySettings Wanted { get; init; }

    /// <summary>Tags of each event, besides those of the threat.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>What readers ask for first.</summary>
    public string Manifest => Path.Combine(Folder, "manifest.json");

    /// <summary>What readers ask for that only look values up.</summary>
    public string Hashes => Path.Combine(Folder, "hashes.csv");

    /// <summary>The path of an event, by the name of its file; null when it is no name of an event.</summary>
    public string? EventNamed(string name)
    {
        ArgumentNullException.ThrowIfNull(name);

        // Written again from the number, so that no part of what a client sent becomes a path.
        return Path.GetExtension(name) == Extension && Guid.TryParseExact(Path.GetFileNameWithoutExtension(name), "D", out var uuid)
            ? Path.Combine(Folder, uuid.ToString("D", CultureInfo.InvariantCulture) + Extension)
            : null;
    }

    /// <summary>How events are rendered.</summary>
    public MispEventOptions Event => new()
    {
        Tags = Tags,
        LimitsCorrelation = true,
        Filter = IndicatorFilter.ForDescriptions with { IncludeCorollary = Wanted.IncludeCorollary, MinimumImpact = Wanted.MinimumImpact, CountsUnratedAsMajor = true },
    };

    /// <summary>Another text is another feed, although no threat changed.</summary>
    /// <param name="today">The day: threats age.</param>
    public string Fingerprint(DateOnly today) => string.Join(
        '\n',
        "1",
        FormattableString.Invariant(
            $"{Wanted.MinimumImpact} {Wanted.IncludeCorollary} {string.Join(',', Wanted.Products.Order())} {Wanted.RetentionDays} {Wanted.Retract} {string.Join(',', Tags)}"),
        Wanted.RetentionDays > 0 ? today.ToString("O", CultureInfo.InvariantCulture) : string.Empty,
        Folder);
}
