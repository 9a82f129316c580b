using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;
using PhishMe.Engine.State;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Sync;

/// <summary>
/// Everything published between the initial date and the start of the backfill: CEF by windows of 24 hours, JSON and STIX by pages.
/// Each window or page is a batch, so that an interrupted backfill goes on where it was.
/// </summary>
internal sealed class Backfill(ThreatHqClient client, RenditionFetcher fetcher, SyncPlan plan, ILogger log, IProgress<RunProgress>? progress)
{
    /// <summary>Pages with STIX hold a hundred packages of 100 kB each: fewer of them are kept in memory.</summary>
    private const int DeepestWithStix = 2;

    /// <summary>Pages prepared for the store hold their threats parsed beside the bytes, and the store is written more slowly than pages are fetched.</summary>
    private const int DeepestWithStore = 8;

    /// <summary>Pages or windows fetched ahead at most, however many requests may be in flight: more only wait in memory to be written.</summary>
    private const int Deepest = 16;

    /// <summary>Bytes of pages fetched ahead, judged by the size of the first.</summary>
    private const int BytesAhead = 32 * 1024 * 1024;

    private readonly IReadOnlySet<OutputFormat> _pageFormats = plan.Downloads.Where(format => format != OutputFormat.Cef).ToHashSet();

    /// <summary>A cursor at the beginning.</summary>
    /// <param name="plan">What the backfill is about.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="generation">One more than that of the backfill before.</param>
    public static SyncCursor Start(SyncPlan plan, DateTimeOffset now, int generation)
    {
        DateTimeOffset second = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
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
            await foreach (Batch batch in ReadWindowsAsync(cursor, cancellationToken).ConfigureAwait(false))
            {
                cursor = batch.After;
                yield return batch;
            }
        }

        if (cursor.Phase == SyncPhase.Pages)
        {
            await foreach (Batch batch in ReadPagesAsync(cursor, cancellationToken).ConfigureAwait(false))
            {
                yield return batch;
            }
        }
    }

    private async IAsyncEnumerable<Batch> ReadWindowsAsync(SyncCursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        TimeSpan length = TimeSpan.FromSeconds(ApiLimits.CefWindowSeconds);
        int windows = (int)Math.Ceiling((cursor.WindowEnd - cursor.WindowBegin) / length);
        SyncCursor afterAll = cursor with
        {
            Phase = plan.NeedsPages ? SyncPhase.Pages : SyncPhase.Following,
            NextStep = 0,
        };
        int window = cursor.NextStep;
        await foreach (ResponseBody body in Enumerable.Range(window, Math.Max(0, windows - window)).FetchAheadAsync(
            Math.Min(Deepest, plan.Concurrency),
            (index, token) =>
            {
                DateTimeOffset begin = cursor.WindowBegin + (length * index);
                DateTimeOffset end = begin + length;
                return client.GetCefWindowAsync(begin, end < cursor.WindowEnd ? end : cursor.WindowEnd, token);
            },
            cancellationToken).ConfigureAwait(false))
        {
            DateTimeOffset begin = cursor.WindowBegin + (length * window);
            CefThreats read = CefLineReader.GroupByThreat(body.Bytes);
            window++;
            progress?.Report(new RunProgress { Activity = "Backfill of CEF", Done = window, Total = windows });
            yield return new Batch
            {
                Threats =
                [
                    .. read.Threats.Where(threat => plan.Products.Contains(threat.Id.Type)).Select(threat => new ThreatUnit
                    {
                        Id = threat.Id,
                        FirstPublished = threat.FirstPublished?.ToUnixTimeMilliseconds(),
                        Cef = CefRendition.Of(threat.Lines),
                    }),
                ],
                SetAside = [.. read.Strays.Select((stray, number) => Aside(stray, begin, number))],
                After = window < windows ? cursor with { NextStep = window } : afterAll,
                Bodies = [body],
            };
        }

        if (window == cursor.NextStep)
        {
            yield return new Batch { After = afterAll };
        }
    }

    private async IAsyncEnumerable<Batch> ReadPagesAsync(SyncCursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int depth = 1;
        int page = cursor.NextStep;
        SyncCursor done = cursor with { Phase = SyncPhase.Following, NextStep = 0, TotalElements = null };
        // The first page alone: only its answer says how many there are, and how large they are.
        for (int known = page + 1; page < known;)
        {
            int totalPages = known;
            await foreach (FetchedPage fetched in Enumerable.Range(page, known - page).FetchAheadAsync(
                depth, (index, token) => FetchPageAsync(cursor, index, token), cancellationToken).ConfigureAwait(false))
            {
                totalPages = fetched.TotalPages;
                depth = DepthFor(fetched.Length);
                await foreach (FetchedPage shifted in ReadAgainAsync(cursor, page, fetched.TotalElements, cancellationToken).ConfigureAwait(false))
                {
                    yield return shifted.ToBatch(cursor);
                }

                page++;
                cursor = page < totalPages ? cursor with { NextStep = page, TotalElements = fetched.TotalElements } : done;
                long threats = Math.Min((long)page * plan.ResultsPerPage, fetched.TotalElements);
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
        int most = plan.KeepThreats ? DeepestWithStore : Deepest;
        int deepest = plan.Downloads.Contains(OutputFormat.Stix) ? DeepestWithStix : Math.Clamp(BytesAhead / Math.Max(1, pageLength), 2, most);
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

        int pages = (int)Math.Min(page, 1 + ((before - totalElements - 1) / plan.ResultsPerPage));
        log.Information("The result shrank from {Before} to {Now} threats; reading {Pages} page(s) again", before, totalElements, pages);
        for (int again = page - pages; again < page; again++)
        {
            yield return await FetchPageAsync(cursor, again, cancellationToken).ConfigureAwait(false);
        }
    }

    private static DeadLetter Aside(CefLine stray, DateTimeOffset window, int number) => new()
    {
        Subject = FormattableString.Invariant($"CEF window of {window:yyyy-MM-dd}, stray line {number}"),
        Format = OutputFormat.Cef,
        Reason = $"A CEF line belongs to no threat: {stray.Fault}.",
        Payload = stray.Bytes.ToArray(),
    };

    private async Task<FetchedPage> FetchPageAsync(SyncCursor cursor, int index, CancellationToken cancellationToken)
    {
        SearchPage page = await client.SearchAsync(
            new SearchQuery
            {
                Type = plan.OnlyType,
                Begin = cursor.WindowBegin,
                End = cursor.WindowEnd,
                ResultsPerPage = plan.ResultsPerPage,
                Page = index,
            },
            cancellationToken).ConfigureAwait(false);
        var fetched = new FetchedThreats();
        fetched.Bodies.Add(page);
        try
        {
            int item = 0;
            foreach (UnreadableThreat unreadable in page.Unreadable)
            {
                fetched.SetAside.Add(new DeadLetter
                {
                    Subject = FormattableString.Invariant($"backfill {cursor.Generation}, page {index}, unreadable threat {item++}"),
                    Format = OutputFormat.Json,
                    Reason = unreadable.Reason,
                    Payload = unreadable.Json,
                });
            }

            // The answer says itself how many there are: one that holds fewer keeps threats back, and nobody knows their ids.
            long expected = Math.Clamp(page.TotalElements - ((long)index * plan.ResultsPerPage), 0, plan.ResultsPerPage);
            if (page.Threats.Count + page.Unreadable.Count is int got && got < expected)
            {
                fetched.SetAside.Add(new DeadLetter
                {
                    Subject = FormattableString.Invariant($"backfill {cursor.Generation}, page {index}"),
                    Format = OutputFormat.Json,
                    Reason = FormattableString.Invariant($"The page holds {got} threats instead of {expected}."),
                });
            }

            IEnumerable<ThreatUnit> units = page.Threats.Where(threat => plan.Products.Contains(threat.Id.Type)).Select(fetcher.UnitOf);
            if (!plan.Downloads.Contains(OutputFormat.Json))
            {
                units = units.Select(unit => unit with { Json = null });
            }

            fetched.Threats.AddRange(await fetcher.RenderAsync([.. units], _pageFormats, fetched, cancellationToken).ConfigureAwait(false));
            return new FetchedPage(fetched, page.Length, page.TotalPages, page.TotalElements);
        }
        catch
        {
            fetched.Dispose();
            throw;
        }
    }

    private sealed class FetchedPage(FetchedThreats fetched, int length, int totalPages, long totalElements) : IDisposable
    {
        public int Length => length;

        public int TotalPages => totalPages;

        public long TotalElements => totalElements;

        public Batch ToBatch(SyncCursor after) =>
            new() { Threats = fetched.Threats, SetAside = fetched.SetAside, Bodies = fetched.Bodies, After = after };

        public void Dispose() => fetched.Dispose();
    }
}
