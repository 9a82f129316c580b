using PhishMe.Engine.Files;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>The feeds by name.</summary>
internal static class FeedCatalogue
{
    public static IReadOnlyList<FeedDescription> Descriptions { get; } = [];

    /// <summary>Makes a writer of a feed.</summary>
    /// <exception cref="PhishMeException">There is no such feed.</exception>
    public static IFeedWriter CreateWriter(FeedOptions options, TimeProvider clock, IFileCalls calls)
    {
        ArgumentNullException.ThrowIfNull(options);
        _ = clock;
        _ = calls;
        throw new PhishMeException(Faults.DestinationNotFound, $"There is no feed '{options.Name}'.");
    }
}
