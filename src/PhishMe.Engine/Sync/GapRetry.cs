using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;
using PhishMe.Engine.State;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Sync;

/// <summary>Asks again for what a backfill could not be served.</summary>
internal sealed class GapRetry(ThreatHqClient client, PageFetcher pages, SyncPlan plan)
{
    /// <summary>Whether a dead letter is of that kind, and what it is about is still wanted.</summary>
    public bool Concerns(DeadLetter letter) => letter.Format switch
    {
        OutputFormat.Json => plan.NeedsPages && PositionGap.Parse(letter.Subject) is PositionGap gap && (gap.Type is not ThreatType type || plan.Products.Contains(type)),
        OutputFormat.Cef => plan.Downloads.Contains(OutputFormat.Cef) && WindowGap.Parse(letter.Subject) is not null,
        _ => false,
    };

    /// <summary>What the API serves now, and whether that closes the gap.</summary>
    /// <param name="letter">One that <see cref="Concerns"/>.</param>
    /// <param name="cursor">Where the sync stands; it stays there.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public IAsyncEnumerable<Batch> ReadAsync(DeadLetter letter, SyncCursor cursor, CancellationToken cancellationToken) =>
        PositionGap.Parse(letter.Subject) is PositionGap gap
            ? ReadAsync(letter, gap, cursor, cancellationToken)
            : ReadAsync(letter, WindowGap.Parse(letter.Subject)!, cursor, cancellationToken);

    private async IAsyncEnumerable<Batch> ReadAsync(
        DeadLetter letter, PositionGap gap, SyncCursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new SearchQuery { Type = gap.Type, Begin = gap.Begin, End = gap.End, ResultsPerPage = 1, Page = (int)gap.Position };
        FetchedPage? there = await TryAsync(() => pages.FetchAsync(query, cursor.Generation, cancellationToken)).ConfigureAwait(false);
        if (there is null || there.HasGaps)
        {
            there?.Dispose();
            await client.PingAsync(cancellationToken).ConfigureAwait(false);
            yield return new Batch { SetAside = [letter], After = cursor };
            yield break;
        }

        // It may have moved by as many places as have left the result since: all of them are read.
        long first = Math.Max(0, gap.Position - Math.Max(0, gap.Total - there.TotalElements));
        yield return there.ToBatch(cursor, [], first == gap.Position ? [letter] : []);
        if (first == gap.Position)
        {
            yield break;
        }

        bool isServed = true;
        long last = gap.Position - 1;
        // One by one where they are few: what is read besides was delivered long ago.
        int size = last - first < plan.ResultsPerPage ? 1 : plan.ResultsPerPage;
        for (long page = first / size; page * size <= last; page++)
        {
            FetchedPage? read = await TryAsync(() => pages.FetchAsync(
                query with { ResultsPerPage = size, Page = (int)page }, cursor.Generation, cancellationToken)).ConfigureAwait(false);
            isServed &= read is { HasGaps: false };
            bool isLast = (page + 1) * size > last;
            DeadLetter[] letters = isLast ? [letter] : [];
            yield return read is null
                ? new Batch { SetAside = letters, After = cursor }
                : read.ToBatch(cursor, isServed ? [] : letters, isServed ? letters : []);
        }
    }

    private async IAsyncEnumerable<Batch> ReadAsync(
        DeadLetter letter, WindowGap gap, SyncCursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ResponseBody? body = await TryAsync(() => client.GetCefWindowAsync(gap.Begin, gap.End, cancellationToken)).ConfigureAwait(false);
        if (body is null)
        {
            await client.PingAsync(cancellationToken).ConfigureAwait(false);
            yield return new Batch { SetAside = [letter], After = cursor };
            yield break;
        }

        yield return new Batch
        {
            Threats = CefRendition.UnitsOf(CefLineReader.GroupByThreat(body.Bytes).Threats, plan.Products),
            Healed = [letter],
            Bodies = [body],
            After = cursor,
        };
    }

    private static async Task<T?> TryAsync<T>(Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (ApiException exception) when (exception.MayConcernOneOfMany)
        {
            return null;
        }
    }
}
