using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Sync;

/// <summary>
/// Follows the changelog: one answer names up to 1000 changes, their threats are fetched by pages of ids, and only the last batch of an answer
/// carries the new position.
/// </summary>
internal sealed class Changes(
    ThreatHqClient client, RenditionFetcher fetcher, SyncPlan plan, TimeProvider clock, ILogger log, IProgress<RunProgress>? progress)
{
    /// <summary>Answers of batches fetched ahead of the one being written.</summary>
    private const int Ahead = 2;

    /// <summary>The batches from the cursor to the newest change; none when nothing is new.</summary>
    public async IAsyncEnumerable<Batch> ReadAsync(SyncCursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await GetPageAsync(cursor, cancellationToken).ConfigureAwait(false);
            log.Information("{Count} update(s) since {From}", page.RawCount, cursor.Position ?? FormattableString.Invariant($"{cursor.FollowFrom:O}"));
            if (page.Unreadable > 0)
            {
                log.Warning("{Count} update(s) of an unknown type or without an id were skipped", page.Unreadable);
            }

            var moved = page.NextPosition != cursor.Position;
            var after = cursor with { Position = page.NextPosition };
            ChangelogEntry[] ours = [.. page.Entries.Where(entry => plan.Products.Contains(entry.Id.Type))];
            ThreatId[] withdrawn = [.. ours.Where(entry => entry.Deleted).Select(entry => entry.Id)];
            ThreatId[] changed = [.. ours.Where(entry => !entry.Deleted).Select(entry => entry.Id)];

            var done = 0;
            await foreach (var fetched in changed.Chunk(plan.ResultsPerPage).FetchAheadAsync(
                Ahead, (ids, token) => fetcher.FetchAsync(ids, plan.Downloads, IsExpired, token), cancellationToken).ConfigureAwait(false))
            {
                done += Math.Min(plan.ResultsPerPage, changed.Length - done);
                progress?.Report(new RunProgress { Activity = "Updates", Done = done, Total = changed.Length });
                var last = done == changed.Length;
                yield return new Batch
                {
                    Threats = fetched.Threats,
                    SetAside = fetched.SetAside,
                    Bodies = fetched.Bodies,
                    Withdrawn = last ? withdrawn : [],
                    After = last ? after : cursor,
                };
            }

            if (changed.Length == 0 && (moved || withdrawn.Length > 0))
            {
                yield return new Batch { Withdrawn = withdrawn, After = after };
            }

            cursor = after;
            if (page.RawCount < ApiLimits.ChangelogEntries || !moved)
            {
                yield break;
            }
        }
    }

    private bool IsExpired(long? firstPublished) =>
        plan.ExpiredThreatDays is int days
        && firstPublished is long first
        && first < (clock.GetUtcNow() + (client.ClockSkew ?? TimeSpan.Zero)).AddDays(-days).ToUnixTimeMilliseconds();

    private async Task<ChangelogPage> GetPageAsync(SyncCursor cursor, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetUpdatesAsync(cursor.Position, cursor.FollowFrom, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException exception) when (cursor.Position is not null && exception.Failure is ApiFailure.Refused or ApiFailure.NotFound)
        {
            if (exception.AddressHint is not null)
            {
                // Nothing was answered yet: when nothing else is known there either, the address is wrong and the position may be right.
                await client.PingAsync(cancellationToken).ConfigureAwait(false);
            }

            throw new PhishMeException(
                Faults.PositionRefused, $"The API does not accept the position {cursor.Position}: {exception.Message}", exception.Where, exception);
        }
    }
}
