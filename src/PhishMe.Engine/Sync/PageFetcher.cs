using PhishMe.Engine.Api;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Sync;

/// <summary>Fetches pages of a backfill with their threats in the formats wanted; what a page keeps back becomes dead letters.</summary>
internal sealed class PageFetcher(PageReader reader, RenditionFetcher fetcher, SyncPlan plan)
{
    private readonly IReadOnlySet<OutputFormat> _formats = plan.Downloads.Where(format => format != OutputFormat.Cef).ToHashSet();

    /// <param name="page">The page.</param>
    /// <param name="generation">That of the backfill, for the places of dead letters.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<FetchedPage> FetchAsync(SearchQuery page, int generation, CancellationToken cancellationToken)
    {
        var reading = await reader.ReadAsync(page, cancellationToken).ConfigureAwait(false);
        var fetched = new FetchedThreats();
        fetched.Bodies.Add(reading);
        try
        {
            var total = reading.TotalElements ?? 0;
            var hasGaps = SetAside(page, reading, total, generation, fetched);
            var units = reading.Pieces.SelectMany(piece => piece.Threats).DistinctBy(threat => threat.Id)
                .Where(threat => plan.Products.Contains(threat.Id.Type)).Select(fetcher.UnitOf);
            if (!plan.Downloads.Contains(OutputFormat.Json))
            {
                units = units.Select(unit => unit with { Json = null });
            }

            fetched.Threats.AddRange(await fetcher.RenderAsync([.. units], _formats, fetched, cancellationToken).ConfigureAwait(false));
            var isWhole = reading is { Pieces.Count: 1, Unserved.Count: 0 };
            return new FetchedPage(fetched)
            {
                Length = reading.Length,
                TotalPages = isWhole ? reading.Pieces[0].TotalPages : (int)((total + page.ResultsPerPage - 1) / page.ResultsPerPage),
                TotalElements = total,
                HasGaps = hasGaps,
            };
        }
        catch
        {
            fetched.Dispose();
            throw;
        }
    }

    /// <returns>Whether the API kept something back.</returns>
    private static bool SetAside(SearchQuery page, PageReading reading, long total, int generation, FetchedThreats fetched)
    {
        var item = 0;
        foreach (var unreadable in reading.Pieces.SelectMany(piece => piece.Unreadable))
        {
            fetched.SetAside.Add(new DeadLetter
            {
                Place = new UnreadablePlace(generation, page.Page, item++),
                Format = OutputFormat.Json,
                Reason = unreadable.Reason,
                Payload = unreadable.Json,
            });
        }

        var place = new PositionGap { Type = page.Type, Begin = page.Begin!.Value, End = page.End!.Value, Position = (long)page.Page * page.ResultsPerPage, Total = total };
        foreach ((var position, var cause) in reading.Unserved)
        {
            fetched.SetAside.Add(Aside(
                place with { Position = position },
                $"The search returns the threats before and after it, but not this threat. {cause.Message} ({cause.Where})"));
        }

        // The answer says itself how many there are: one that holds fewer keeps threats back, and no one knows their ids.
        var expected = Math.Clamp(total - place.Position, 0, page.ResultsPerPage);
        long got = reading.Pieces.Sum(piece => piece.Threats.Count + piece.Unreadable.Count) + reading.Unserved.Count;
        if (got < expected)
        {
            fetched.SetAside.Add(Aside(place with { Count = expected }, FormattableString.Invariant($"The page has {got} threats instead of {expected}.")));
        }

        return reading.Unserved.Count > 0 || got < expected;
    }

    private static DeadLetter Aside(PositionGap gap, string reason) => new() { Place = gap, Format = OutputFormat.Json, Reason = reason };
}
