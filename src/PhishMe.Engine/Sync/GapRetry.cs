using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Sync;

/// <summary>Asks again for what a backfill could not be served.</summary>
internal sealed class GapRetry(ThreatHqClient client, PageFetcher pages, SyncPlan plan)
{
    /// <summary>Whether a dead letter is of that kind, and what it is about is still wanted.</summary>
    public bool Concerns(DeadLetter letter) => letter.Place switch
    {
        PositionGap gap => plan.NeedsPages && (gap.Type is not ThreatType type || plan.Products.Contains(type)),
        WindowGap => plan.Downloads.Contains(OutputFormat.Cef),
        _ => false,
    };

    /// <summary>What the API serves now, and whether that closes the gap.</summary>
    /// <param name="letter">One that <see cref="Concerns"/>.</param>
    /// <param name="cursor">Where the sync stands; it stays there.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public IAsyncEnumerable<Batch> ReadAsync(DeadLetter letter, SyncCursor cursor, CancellationToken cancellationToken) =>
        letter.Place switch
        {
            PositionGap gap => ReadAsync(letter, gap, cursor, cancellationToken),
            WindowGap gap => ReadAsync(letter, gap, cursor, cancellationToken),
            _ => throw new ArgumentException($"{letter.Subject} is not a gap of a backfill.", nameof(letter)),
        };

    private async IAsyncEnumerable<Batch> ReadAsync(
        DeadLetter letter, PositionGap gap, SyncCursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new SearchQuery { Type = gap.Type, Begin = gap.Begin, End = gap.End, ResultsPerPage = gap.Count == 1 ? 1 : plan.ResultsPerPage };
        var place = gap.Position / query.ResultsPerPage;
        var there = await FetchAsync(query, place, cursor, cancellationToken).ConfigureAwait(false);
        if (there is null)
        {
            await client.PingAsync(cancellationToken).ConfigureAwait(false);
            yield return new Batch { SetAside = [letter], After = cursor };
            yield break;
        }

        // It may have moved by as many places as have left the result since: all of them are read, one by one where they are few.
        var isServed = !there.HasGaps;
        var left = Math.Max(0, gap.Total - there.TotalElements);
        var first = Math.Max(0, gap.Position - left);
        var end = Math.Min(gap.Position + gap.Count, there.TotalElements);
        if (left >= plan.ResultsPerPage)
        {
            query = query with { ResultsPerPage = plan.ResultsPerPage };
            place = -1;
        }

        long[] others = [.. PagesBetween(first, end, query.ResultsPerPage).Where(page => page != place)];
        yield return Answer(there, others.Length == 0);
        for (var number = 0; number < others.Length; number++)
        {
            var page = await FetchAsync(query, others[number], cursor, cancellationToken).ConfigureAwait(false);
            isServed &= page is { HasGaps: false };
            yield return Answer(page, number == others.Length - 1);
        }

        Batch Answer(FetchedPage? page, bool isLast)
        {
            DeadLetter[] open = isLast && !isServed ? [letter] : [];
            DeadLetter[] healed = isLast && isServed ? [letter] : [];
            return page is null ? new Batch { SetAside = open, After = cursor } : page.ToBatch(cursor, open, healed);
        }
    }

    private static IEnumerable<long> PagesBetween(long first, long end, int size)
    {
        for (var page = first / size; page * size < end; page++)
        {
            yield return page;
        }
    }

    private Task<FetchedPage?> FetchAsync(SearchQuery query, long page, SyncCursor cursor, CancellationToken cancellationToken) =>
        TryAsync(() => pages.FetchAsync(query with { Page = (int)page }, cursor.Generation, cancellationToken));

    private async IAsyncEnumerable<Batch> ReadAsync(
        DeadLetter letter, WindowGap gap, SyncCursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var body = await TryAsync(() => client.GetCefWindowAsync(gap.Begin, gap.End, cancellationToken)).ConfigureAwait(false);
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
