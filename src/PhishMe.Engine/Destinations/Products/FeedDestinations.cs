using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Feeds;
using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>Makes the destination of a feed.</summary>
internal static class FeedDestinations
{
    /// <summary>The key that says how many rows a list may have.</summary>
    public static KeySchema MaximumRows(string value, string description) => Keys.Ours(Keys.Number("max_rows", value, 0, 10_000_000, description));

    /// <summary>The destination of a feed; its id is the name of the feed.</summary>
    public static RebuiltDestination Of(ProductSettings settings, SectionValues section, FeedSettings feed) => new()
    {
        Id = new DestinationId(feed.Name),
        Section = section.Name,
        Files = [.. feed.Paths],
        Fingerprint = feed.Fingerprint(settings.Today),
        Open = host => new FeedDestination(feed, host),
    };
}
