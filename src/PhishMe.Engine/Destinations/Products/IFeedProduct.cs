using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Feeds;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>A product that reads files, which can be written without a configuration file, too.</summary>
internal interface IFeedProduct : IProduct
{
    /// <summary>What the feed is called and what it holds.</summary>
    FeedDescription Feed { get; }

    /// <summary>Which indicators it has when no one says otherwise.</summary>
    DeliverySettings Usual { get; }

    /// <summary>The feed at a path, with every other setting at its default.</summary>
    /// <param name="path">The full path of its file or folder.</param>
    /// <param name="wanted">Which indicators.</param>
    /// <param name="maximumRows">Rows of each file at most, 0 for all; null for the default of the product.</param>
    FeedSettings FeedAt(string path, DeliverySettings wanted, int? maximumRows);
}
