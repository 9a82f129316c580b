using System.Runtime.CompilerServices;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;

namespace PhishMe.Engine.Sync;

/// <summary>The threats of the store as batches, for a destination that catches up without the API.</summary>
internal sealed class StoreReplay(IStoredThreats store, SyncPlan plan)
{
    private readonly LocalRendering _local = new(plan);

    /// <summary>The batches from a place in the store to its end, each with the place behind it.</summary>
    /// <param name="from">0 for the beginning.</param>
    /// <param name="cursor">Where the sync stands; it stays there.</param>
    /// <param name="isExpired">Whether a threat first published then (epoch milliseconds) is left out.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async IAsyncEnumerable<(Batch Batch, long Next)> ReadAsync(
        long from, SyncCursor cursor, Func<long?, bool> isExpired, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await store.ReadAsync(from, plan.ResultsPerPage, cancellationToken).ConfigureAwait(false);
            if (page.Threats.Count == 0)
            {
                yield break;
            }

            from = page.Next;
            var setAside = new List<DeadLetter>();
            var units = new List<ThreatUnit>(page.Threats.Count);
            foreach (var stored in page.Threats)
            {
                if (stored.WithdrawnAt is null && plan.Products.Contains(stored.Id.Type) && ThreatDocumentReader.Read(stored.Json) is ThreatDocument document)
                {
                    units.Add(_local.AddTo(UnitOf(document) with { Expired = isExpired(document.FirstPublished) }, setAside));
                }
            }

            yield return (new Batch { Threats = units, SetAside = setAside, After = cursor }, from);
        }
    }

    private static ThreatUnit UnitOf(ThreatDocument document) => new()
    {
        Id = document.Id,
        FirstPublished = document.FirstPublished,
        LastPublished = document.LastPublished,
        Json = new Rendition(document.Json, document.Content) { IsCompact = document.IsCompact },
    };
}
