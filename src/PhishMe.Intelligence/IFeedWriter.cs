namespace PhishMe.Intelligence;

/// <summary>
/// Makes a feed of threats that are given to it one by one. Nothing is to be seen before it is complete: then each file is replaced as a whole, and one
/// that would be the same is not touched. Memory does not grow with the number of threats. For one thread at a time.
/// </summary>
public interface IFeedWriter : IDisposable
{
    /// <summary>Adds a threat. One that was withdrawn or is older than the retention is passed over.</summary>
    /// <param name="threat">The threat.</param>
    /// <exception cref="PhishMeException">There is no room for temporary files.</exception>
    void Add(Threat threat);

    /// <summary>Writes the feed.</summary>
    /// <param name="cancellationToken">Stops it; the old files stay.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="PhishMeException">A file cannot be written; the old one stays.</exception>
    FeedSummary Complete(CancellationToken cancellationToken);
}
