using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;

namespace PhishMe.Engine.Sync;

/// <summary>
/// A search from its first page to its last, fetched a few pages ahead. When threats leave the result meanwhile, pages shift: what may have moved to an
/// earlier page is read again.
/// </summary>
internal sealed class ThreatSearch(ThreatHqClient client, int ahead)
{
    /// <summary>The pages; the caller disposes each. A threat may be on several of them.</summary>
    public async IAsyncEnumerable<SearchPage> ReadAsync(SearchQuery query, int? first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var needed = first is int limit ? (int)Math.Ceiling((double)limit / query.ResultsPerPage) : int.MaxValue;
        var page = 0;
        long? before = null;
        // The first page alone: only its answer says how many there are.
        for (var known = 1; page < known;)
        {
            var total = known;
            await foreach (var answer in Enumerable.Range(page, known - page).FetchAheadAsync(
                ahead, (index, token) => client.SearchAsync(query with { Page = index }, token), cancellationToken).ConfigureAwait(false))
            {
                if (answer.TotalElements < before)
                {
                    var shifted = (int)Math.Min(page, 1 + ((before.Value - answer.TotalElements - 1) / query.ResultsPerPage));
                    for (var again = page - shifted; again < page; again++)
                    {
                        yield return await client.SearchAsync(query with { Page = again }, cancellationToken).ConfigureAwait(false);
                    }
                }

                before = answer.TotalElements;
                total = Math.Min(answer.TotalPages, needed);
                page++;
                yield return answer;
                if (page >= total)
                {
                    yield break;
                }
            }

            known = total;
        }
    }
}
