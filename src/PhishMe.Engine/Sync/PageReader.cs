using PhishMe.Engine.Api;
using Serilog;

namespace PhishMe.Engine.Sync;

/// <summary>
/// Reads a page of a search. One that the API cannot serve, while it serves others, is asked for in ever smaller pieces down to the bad record, so that
/// this one alone is missing.
/// </summary>
internal sealed class PageReader(ThreatHqClient client, IsolationLimit limit, ILogger log)
{
    /// <summary>How often a page is read again because the result shrank meanwhile.</summary>
    private const int MostReadings = 3;

    /// <exception cref="ApiException">The API fails altogether, or too much of it.</exception>
    public async Task<PageReading> ReadAsync(SearchQuery page, CancellationToken cancellationToken)
    {
        for (var readings = 1; ; readings++)
        {
            var reading = new PageReading();
            try
            {
                await ReadAsync(page, (long)page.Page * page.ResultsPerPage, page.ResultsPerPage, reading, cancellationToken).ConfigureAwait(false);
                if (!reading.HasShrunk)
                {
                    return reading;
                }

                if (readings == MostReadings)
                {
                    throw reading.Unserved.Select(unserved => unserved.Cause).FirstOrDefault()
                        ?? new ApiException(ApiFailure.Answer, "The result shrinks faster than it can be read in pieces.", "POST /threat/search");
                }
            }
            catch
            {
                reading.Dispose();
                throw;
            }

            reading.Dispose();
        }
    }

    private async Task ReadAsync(SearchQuery query, long first, int size, PageReading reading, CancellationToken cancellationToken)
    {
        try
        {
            reading.Add(await client.SearchAsync(query with { ResultsPerPage = size, Page = (int)(first / size) }, cancellationToken).ConfigureAwait(false));
        }
        catch (ApiException exception) when (exception.MayConcernOneOfMany)
        {
            await ProveAsync(query, first, size, reading, exception, cancellationToken).ConfigureAwait(false);
            if (size == 1)
            {
                limit.Count(exception);
                reading.Miss(first, exception);
                return;
            }

            var piece = LargestDivisor(size);
            log.Warning("Threats {First} to {Last} of the result could not be fetched together; requesting {Piece} at a time", first + 1, first + size, piece);
            for (var at = first; at < first + size && !(at >= reading.TotalElements); at += piece)
            {
                await ReadAsync(query, at, piece, reading, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The search must serve something else: otherwise nothing is wrong with this page in particular.</summary>
    private async Task ProveAsync(
        SearchQuery query, long first, int size, PageReading reading, ApiException failure, CancellationToken cancellationToken)
    {
        foreach (var position in Others(first, size, reading))
        {
            if (await ServesAsync(query with { ResultsPerPage = 1, Page = (int)position }, reading, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }

        // Perhaps this is all the result has; then anything else the API has will do.
        if (!await ServesAsync(query with { Begin = null, End = null, ResultsPerPage = 1, Page = 0 }, null, cancellationToken).ConfigureAwait(false))
        {
            throw failure;
        }
    }

    /// <summary>Before the page, behind it and, once an answer has given the size of the result, at its end and its middle.</summary>
    private static IEnumerable<long> Others(long first, int size, PageReading reading)
    {
        var tried = new HashSet<long>();
        if (size == 1)
        {
            tried.Add(first);
        }

        foreach (var choose in (Func<long>[])[
            () => first - 1, () => first + size, () => first + size + 1, () => 0, () => (reading.TotalElements ?? 0) - 1, () => (reading.TotalElements ?? 0) / 2])
        {
            var position = choose();
            if (position >= 0 && tried.Add(position))
            {
                yield return position;
            }
        }
    }

    private async Task<bool> ServesAsync(SearchQuery query, PageReading? reading, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.SearchAsync(query, cancellationToken).ConfigureAwait(false);
            reading?.Note(answer);
            return answer.Threats.Count > 0;
        }
        catch (ApiException exception) when (exception.MayConcernOneOfMany)
        {
            return false;
        }
    }

    /// <summary>Pieces must divide the page, because the API counts in pages.</summary>
    private static int LargestDivisor(int size)
    {
        var divisor = size / 2;
        while (divisor > 1 && size % divisor != 0)
        {
            divisor--;
        }

        return Math.Max(1, divisor);
    }
}
