using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Sync;

/// <summary>
/// Everything published between the initial date and the start of the backfill: CEF by windows of 24 hours, JSON and STIX by pages.
/// Each window or page is a batch, so that an interrupted backfill goes on where it was.
/// </summary>
internal sealed class Backfill(WindowReader windows, PageFetcher pages, SyncPlan plan, ILogger log, IProgress<RunProgress>? progress)
{
    /// <summary>Pages with STIX hold a hundred packages of 100 kB each: fewer of them are kept in memory.</summary>
    private const int DeepestWithStix = 2;

    /// <summary>Pages prepared for the store hold their threats parsed beside the bytes, and the store is written more slowly than pages are fetched.</summary>
    private const int DeepestWithStore = 8;

    /// <summary>Pages or windows fetched ahead at most, however many requests may be in flight: more only wait in memory to be written.</summary>
    private const int Deepest = 16;

    /// <summary>Bytes of pages fetched ahead, judged by the size of the first.</summary>
    private const int BytesAhead = 32 * 1024 * 1024;

    public Backfill(ThreatHqClient client, RenditionFetcher fetcher, SyncPlan plan, ILogger log, IProgress<RunProgress>? progress)
        : this(client, fetcher, plan, new IsolationLimit(), log, progress)
    {
    }

    private Backfill(
        ThreatHqClient client, RenditionFetcher fetcher, SyncPlan plan, IsolationLimit limit, ILogger log, IProgress<RunProgress>? progress)
        : this(new WindowReader(client, limit, log), new PageFetcher(new PageReader(client, limit, log), fetcher, plan), plan, log, progress)
    {
    }

    /// <summary>A cursor at the beginning.</summary>
    /// <param name="plan">What the backfill is about.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="generation">One more than that of the backfill before.</param>
    public static SyncCursor Start(SyncPlan plan, DateTimeOffset now, int generation)
    {
        var second = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        return new SyncCursor
        {
            Phase = plan.Downloads.Contains(OutputFormat.Cef) ? SyncPhase.CefWindows : SyncPhase.Pages,
            Generation = generation,
            Plan = plan.Fingerprint,
            WindowBegin = plan.InitialDate,
            WindowEnd = second,
            // The bounds may be inclusive or not, and clocks differ by seconds: a minute of overlap is never a gap.
            FollowFrom = second.AddMinutes(-1),
        };
    }

    /// <summary>The batches from the cursor to the end of the backfill.</summary>
    public async IAsyncEnumerable<Batch> ReadAsync(SyncCursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (cursor.Phase == SyncPhase.CefWindows)
        {
            await foreach (var batch in ReadWindowsAsync(cursor, cancellationToken).ConfigureAwait(false))
            {
                cursor = batch.After;
                yield return batch;
            }
        }

        if (cursor.Phase == SyncPhase.Pages)
        {
            await foreach (var batch in ReadPagesAsync(cursor, cancellationToken).ConfigureAwait(false))
            {
                yield return batch;
            }
        }
    }

    private async IAsyncEnumerable<Batch> ReadWindowsAsync(SyncCursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var length = TimeSpan.FromSeconds(ApiLimits.CefWindowSeconds);
        var count = (int)Math.Ceiling((cursor.WindowEnd - cursor.WindowBegin) / length);
        var afterAll = cursor with
        {
            Phase = plan.NeedsPages ? SyncPhase.Pages : SyncPhase.Following,
            NextStep = 0,
        };
        var window = cursor.NextStep;
        await foreach (var reading in Enumerable.Range(window, Math.Max(0, count - window)).FetchAheadAsync(
            Math.Min(Deepest, plan.Concurrency),
            (index, token) =>
            {
                var begin = cursor.WindowBegin + (length * index);
                var end = begin + length;
                return windows.ReadAsync(begin, end < cursor.WindowEnd ? end : cursor.WindowEnd, token);
            },
            cancellationToken).ConfigureAwait(false))
        {
            var begin = cursor.WindowBegin + (length * window);
            CefThreats[] read = [.. reading.Pieces.Select(piece => CefLineReader.GroupByThreat(piece.Bytes))];
            window++;
            progress?.Report(new RunProgress { Activity = "Backfill of CEF", Done = window, Total = count });
            yield return new Batch
            {
                Threats = CefRendition.UnitsOf(read.SelectMany(piece => piece.Threats), plan.Products),
                SetAside =
                [
                    .. read.SelectMany(piece => piece.Strays).Select((stray, number) => Aside(stray, begin, number)),
                    .. reading.Unserved.Select(unserved => Aside(unserved.Gap, unserved.Cause)),
                ],
                After = window < count ? cursor with { NextStep = window } : afterAll,
                Bodies = [reading],
            };
        }

        if (window == cursor.NextStep)
        {
            yield return new Batch { After = afterAll };
        }
    }

    private async IAsyncEnumerable<Batch> ReadPagesAsync(SyncCursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var depth = 1;
        var page = cursor.NextStep;
        var done = cursor with { Phase = SyncPhase.Following, NextStep = 0, TotalElements = null };
        // The first page alone: only its answer says how many there are, and how large they are.
        for (var known = page + 1; page < known;)
        {
            var totalPages = known;
            await foreach (var fetched in Enumerable.Range(page, known - page).FetchAheadAsync(
                depth, (index, token) => FetchPageAsync(cursor, index, token), cancellationToken).ConfigureAwait(false))
            {
                totalPages = fetched.TotalPages;
                depth = DepthFor(fetched.Length);
                await foreach (var shifted in ReadAgainAsync(cursor, page, fetched.TotalElements, cancellationToken).ConfigureAwait(false))
                {
                    yield return shifted.ToBatch(cursor);
                }

                page++;
                cursor = page < totalPages ? cursor with { NextStep = page, TotalElements = fetched.TotalElements } : done;
                var threats = Math.Min((long)page * plan.ResultsPerPage, fetched.TotalElements);
                progress?.Report(new RunProgress { Activity = "Backfill", Done = threats, Total = fetched.TotalElements });
                yield return fetched.ToBatch(cursor);
                if (page >= totalPages)
                {
                    yield break;
                }
            }

            known = totalPages;
        }
    }

    private int DepthFor(int pageLength)
    {
        var most = plan.KeepThreats ? DeepestWithStore : Deepest;
        var deepest = plan.Downloads.Contains(OutputFormat.Stix) ? DeepestWithStix : Math.Clamp(BytesAhead / Math.Max(1, pageLength), 2, most);
        return Math.Min(deepest, plan.Concurrency);
    }

    /// <summary>
    /// Fewer threats than when the previous page was read: what stood first on this page may have moved to the previous one, which is therefore
    /// read again.
    /// </summary>
    private async IAsyncEnumerable<FetchedPage> ReadAgainAsync(
        SyncCursor cursor, int page, long totalElements, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (cursor.TotalElements is not long before || totalElements >= before)
        {
            yield break;
        }

        var pages = (int)Math.Min(page, 1 + ((before - totalElements - 1) / plan.ResultsPerPage));
        log.Information("The search result shrank from {Before} to {Now} threats; reading {Pages} page(s) again", before, totalElements, pages);
        for (var again = page - pages; again < page; again++)
        {
            yield return await FetchPageAsync(cursor, again, cancellationToken).ConfigureAwait(false);
        }
    }

    private static DeadLetter Aside(CefLine stray, DateTimeOffset window, int number) => new()
    {
        Place = new StrayLinePlace(window, number),
        Format = OutputFormat.Cef,
        Reason = $"A CEF line does not belong to any threat: {stray.Fault}.",
        Payload = stray.Bytes.ToArray(),
    };

    private static DeadLetter Aside(WindowGap gap, ApiException cause) => new()
    {
        Place = gap,
        Format = OutputFormat.Cef,
        Reason = $"The API returns what was published before and after this, but not this. {cause.Message} ({cause.Where})",
    };

    private Task<FetchedPage> FetchPageAsync(SyncCursor cursor, int index, CancellationToken cancellationToken) => pages.FetchAsync(
        new SearchQuery
        {
            Type = plan.OnlyType,
            Begin = cursor.WindowBegin,
            End = cursor.WindowEnd,
            ResultsPerPage = plan.ResultsPerPage,
            Page = index,
        },
        cursor.Generation,
        cancellationToken);
}
