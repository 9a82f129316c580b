using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Running;

/// <summary>Asks again for what was set aside and is due: threats by their ids, what has no id at its place in the back catalogue.</summary>
internal sealed class DeadLetterRetry(
    ThreatHqClient client, IStateStore state, RenditionFetcher fetcher, SyncPlan plan, TimeProvider clock, DateTimeOffset runStartedAt, ILogger log)
{
    /// <summary>The answers as batches; the sync stays where it is.</summary>
    public async IAsyncEnumerable<Batch> ReadAsync(SyncCursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = (await state.GetDeadLettersAsync(cancellationToken).ConfigureAwait(false))
            .Where(letter => IsDue(letter, now) && letter.Id is { } id && plan.Products.Contains(id.Type) && plan.Formats.Contains(letter.Format))
            .GroupBy(letter => letter.Format);
        foreach (var letters in due)
        {
            var formats = new HashSet<OutputFormat> { plan.Local.Contains(letters.Key) ? OutputFormat.Json : letters.Key };
            foreach (var chunk in letters.Chunk(plan.ResultsPerPage))
            {
                var fetched = await fetcher.FetchAsync(
                    [.. chunk.Select(letter => letter.Id!.Value)], formats, _ => false, cancellationToken).ConfigureAwait(false);
                yield return new Batch { Threats = fetched.Threats, SetAside = fetched.SetAside, Bodies = fetched.Bodies, After = cursor };
            }
        }

        var gaps = new GapRetry(client, new PageFetcher(new PageReader(client, new IsolationLimit(), log), fetcher, plan), plan);
        var gapsDue = (await state.GetDeadLettersAsync(cancellationToken).ConfigureAwait(false)).Where(letter => IsDue(letter, now) && gaps.Concerns(letter));
        foreach (var letter in gapsDue)
        {
            await foreach (var batch in gaps.ReadAsync(letter, cursor, cancellationToken).ConfigureAwait(false))
            {
                yield return batch;
            }
        }
    }

    /// <summary>Not what this very run set aside. A try in the future was noted by a clock that has been set back since; it is made again.</summary>
    private bool IsDue(DeadLetter letter, DateTimeOffset now) =>
        letter.LastTriedAt > now || (letter.DueAt <= now && letter.LastTriedAt < runStartedAt);
}
