using PhishMe.Engine.Destinations.Products;
using PhishMe.Engine.Files;
using PhishMe.Engine.Rendering;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>The feeds by name: those of the products that read files.</summary>
internal static class FeedCatalogue
{
    private static readonly IFeedProduct[] _products = [.. ProductCatalogue.All.OfType<IFeedProduct>()];

    public static IReadOnlyList<FeedDescription> Descriptions { get; } = [.. _products.Select(product => product.Feed)];

    /// <summary>Makes a writer of a feed that needs no configuration file.</summary>
    /// <exception cref="PhishMeException">There is no such feed, its folder is missing, or an entry of the allow list cannot be looked for.</exception>
    public static IFeedWriter CreateWriter(FeedOptions options, TimeProvider clock, IFileCalls calls)
    {
        ArgumentNullException.ThrowIfNull(options);
        var product = Array.Find(_products, product => product.Feed.Name.Equals(options.Name, StringComparison.OrdinalIgnoreCase))
            ?? throw new PhishMeException(
                Faults.DestinationNotFound, $"There is no feed '{options.Name}'. The feeds are {string.Join(", ", Descriptions.Select(feed => feed.Name))}.");
        var path = Path.GetFullPath(options.Path);
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path));
        if (parent is null || !Directory.Exists(parent) || (product.Feed.IsFile ? Directory.Exists(path) : File.Exists(path)))
        {
            throw new PhishMeException(Faults.PathInvalid, product.Feed.IsFile ? "The feed is a file in an existing folder." : "The feed is a folder in an existing folder.", path);
        }

        var usual = product.Usual;
        var wanted = usual with
        {
            MinimumImpact = options.MinimumImpact is Impact least ? (least == Impact.None ? null : least) : usual.MinimumImpact,
            IncludeCorollary = options.IncludeCorollary,
            Products = options.Type is ThreatType type ? new HashSet<ThreatType> { type } : usual.Products,
            RetentionDays = options.RetentionDays ?? usual.RetentionDays,
        };
        var settings = product.FeedAt(path, wanted, options.MaximumRows) with { AllowList = AllowList.Of(options.AllowList) };
        return new FeedWriter(settings, parent, clock, calls);
    }
}
