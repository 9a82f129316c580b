using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>A product that reads a feed when it is notified. One object serves one run.</summary>
internal interface IFeedSubscriber : IDisposable
{
    /// <summary>Has the product read the feed.</summary>
    /// <param name="isFull">Whether the product has to forget what is no longer in the feed.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Why the product does not read it at present, as a warning; null when it does.</returns>
    /// <exception cref="TargetStoppedException">The product cannot be notified: the next run does it.</exception>
    Task<string?> NotifyAsync(bool isFull, CancellationToken cancellationToken);

    /// <summary>Proves the address and the credentials, and writes nothing.</summary>
    /// <exception cref="TargetStoppedException">What is wrong.</exception>
    Task<CheckResult> CheckAsync(CancellationToken cancellationToken);
}
