using System.Security.Cryptography;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>
/// Notifies the product that reads a feed, once for each content. What is owed stands in the ledger before the product is called, so that a run that fails
/// or is killed leaves it to the next one.
/// </summary>
internal static class FeedNotice
{
    private const string Key = "feed";
    private const string Owed = "owed";
    private const string OwedInFull = "owed in full";

    /// <summary>Notifies the product when the file is another than the one it was notified of.</summary>
    /// <returns>The result, with the failure or the warning that there is to report. The file stays as it was written.</returns>
    public static async Task<FeedResult> SendAsync(FeedResult result, string path, IFeedSubscriber subscriber, DestinationHost host, CancellationToken cancellationToken)
    {
        var known = (await host.Ledger.GetAsync([Key], cancellationToken).ConfigureAwait(false)).GetValueOrDefault(Key);
        var content = await HashAsync(path, cancellationToken).ConfigureAwait(false);
        if (known?.Fingerprint == content)
        {
            return result;
        }

        var isFull = result.LosesReports || known?.Fingerprint == OwedInFull;
        await NoteAsync(host, isFull ? OwedInFull : Owed, cancellationToken).ConfigureAwait(false);
        try
        {
            if (await subscriber.NotifyAsync(isFull, cancellationToken).ConfigureAwait(false) is string warning)
            {
                return result with { Summary = result.Summary with { Warnings = [.. result.Summary.Warnings, warning] } };
            }
        }
        catch (TargetStoppedException exception)
        {
            return result with { Failure = exception.Fault };
        }

        await NoteAsync(host, content, cancellationToken).ConfigureAwait(false);
        return result;
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        var file = File.OpenRead(path);
        await using var closing = file.ConfigureAwait(false);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false));
    }

    private static Task NoteAsync(DestinationHost host, string fingerprint, CancellationToken cancellationToken) => host.Ledger.UpdateAsync(
        [new LedgerEntry { Destination = host.Id, Key = Key, Fingerprint = fingerprint, SentAt = host.Clock.GetUtcNow() }], [], cancellationToken);
}
