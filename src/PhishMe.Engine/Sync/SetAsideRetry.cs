using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Sync;

/// <summary>Asks again for what was set aside: threats by their ids, what has no id at its place in the back catalogue.</summary>
internal sealed class SetAsideRetry(ThreatHqClient client, RenditionFetcher fetcher, SyncPlan plan, ILogger log)
{
    /// <summary>The answers as batches; the sync stays where it is.</summary>
    public async IAsyncEnumerable<Batch> ReadAsync(
        IReadOnlyCollection<DeadLetter> letters, SyncCursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var threats = letters.Where(letter => letter.Id is { } id && plan.Products.Contains(id.Type) && plan.Formats.Contains(letter.Format));
        foreach (var ofFormat in threats.GroupBy(letter => letter.Format))
        {
            var formats = new HashSet<OutputFormat> { plan.Local.Contains(ofFormat.Key) ? OutputFormat.Json : ofFormat.Key };
            foreach (var chunk in ofFormat.Chunk(plan.ResultsPerPage))
            {
                var fetched = await fetcher.FetchAsync(
                    [.. chunk.Select(letter => letter.Id!.Value)], formats, _ => false, cancellationToken).ConfigureAwait(false);
                yield return new Batch { Threats = fetched.Threats, SetAside = fetched.SetAside, Bodies = fetched.Bodies, After = cursor };
            }
        }

        var gaps = new GapRetry(client, new PageFetcher(new PageReader(client, new IsolationLimit(), log), fetcher, plan), plan);
        foreach (var letter in letters.Where(gaps.Concerns))
        {
            await foreach (var batch in gaps.ReadAsync(letter, cursor, cancellationToken).ConfigureAwait(false))
            {
                yield return batch;
            }
        }
    }
}
