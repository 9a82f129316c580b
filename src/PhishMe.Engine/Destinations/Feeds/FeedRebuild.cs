using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>Makes feeds of the store: one read for all of them, threats parsed by all processors while the next page is read.</summary>
internal static class FeedRebuild
{
    private const int PageLength = 256;

    /// <summary>Threats that one thread takes at a time.</summary>
    private const int Share = 16;

    /// <summary>Rebuilds feeds; the failure of one is its own.</summary>
    /// <returns>A result for each, in order.</returns>
    /// <exception cref="PhishMeException">The store cannot be read: all old files are there.</exception>
    public static async Task<IReadOnlyList<FeedResult>> RunAsync(IReadOnlyList<FeedDestination> feeds, IStoredThreats threats, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(feeds);
        ArgumentNullException.ThrowIfNull(threats);
        var results = new List<FeedResult>(feeds.Count);
        foreach (var some in feeds.Chunk(FeedPass.MostFeeds))
        {
            results.AddRange(await RunAsync(some, threats, cancellationToken).ConfigureAwait(false));
        }

        for (var feed = 0; feed < results.Count; feed++)
        {
            results[feed] = await feeds[feed].NotifyAsync(results[feed], cancellationToken).ConfigureAwait(false);
        }

        return results;
    }

    private static async Task<IReadOnlyList<FeedResult>> RunAsync(FeedDestination[] feeds, IStoredThreats threats, CancellationToken cancellationToken)
    {
        var host = feeds[0].Host;
        using var pass = new FeedPass([.. feeds.Select(feed => feed.Settings)], host.Clock.GetUtcNow(), host.TemporaryFolder, host.Files);
        int unreadable;
        try
        {
            unreadable = await ReadAsync(pass, threats, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is FormatException or StateDamagedException)
        {
            throw new PhishMeException(Faults.StoreDamaged, $"The store cannot be read to its end, so the feeds stay as they are: {exception.Message}", innerException: exception);
        }

        var results = pass.Complete(cancellationToken);
        if (unreadable > 0)
        {
            host.Log.Warning("{Count} stored threat(s) cannot be read and are in no feed", unreadable);
        }

        return results;
    }

    /// <summary>One page is read, one is parsed and one is sorted at the same time.</summary>
    /// <returns>How many threats cannot be read.</returns>
    private static async Task<int> ReadAsync(FeedPass pass, IStoredThreats threats, CancellationToken cancellationToken)
    {
        var unreadable = 0;
        var adding = Task.CompletedTask;
        try
        {
            var page = await threats.ReadAsync(0, PageLength, cancellationToken).ConfigureAwait(false);
            while (page.Threats.Count > 0)
            {
                var current = page;
                var next = Task.Run(() => threats.ReadAsync(current.Next, PageLength, cancellationToken), cancellationToken);
                var prepared = new PreparedRows[(current.Threats.Count + Share - 1) / Share];
                Parallel.For(
                    0,
                    prepared.Length,
                    new ParallelOptions { CancellationToken = cancellationToken },
                    index => prepared[index] = Prepare(pass, current.Threats, index * Share));
                unreadable += prepared.Sum(rows => rows.Unreadable);
                await adding.ConfigureAwait(false);
                adding = Task.Run(() => Array.ForEach(prepared, pass.Add), CancellationToken.None);
                page = await next.ConfigureAwait(false);
            }
        }
        finally
        {
            await adding.ConfigureAwait(false);
        }

        return unreadable;
    }

    /// <summary>One that cannot be read was good enough to be stored, and has no indicators.</summary>
    private static PreparedRows Prepare(FeedPass pass, IReadOnlyList<StoredThreat> threats, int first)
    {
        var rows = pass.NewRows();
        foreach (var stored in threats.Skip(first).Take(Share))
        {
            if (ReadThreat.Of(stored.Json).Threat is Threat threat)
            {
                pass.Prepare(stored.WithdrawnAt is null ? threat : threat with { Withdrawn = true }, stored.StoredAt, rows);
            }
            else
            {
                rows.Unreadable++;
            }
        }

        return rows;
    }
}
