using System.Text.Json;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// Builds the store anew. All in one transaction: readers see the old store until the new one is complete, and a rebuild that fails or is killed
/// leaves the old one as it was.
/// </summary>
internal sealed class StoreRebuild(IStoreLocation location, TimeProvider clock, IProgress<RunProgress>? progress)
{
    private const int PreparedAtOnce = 64;

    /// <param name="from">Folder or append file; null for the threats already stored.</param>
    /// <param name="cancellationToken">Stops it; the old store stays.</param>
    public RebuildSummary Run(string? from, CancellationToken cancellationToken)
    {
        if (from is not null && !Directory.Exists(from) && !File.Exists(from))
        {
            throw new PhishMeException(Faults.InputUnreadable, "The folder or file does not exist.", from);
        }

        if (from is null && !location.Exists)
        {
            throw new PhishMeException(Faults.StoreNotFound, "There is no local store at this path.", location.Name);
        }

        using var rebuild = location.BeginRebuild();
        var unreadable = from is null ? Reindex(rebuild, cancellationToken) : Refill(rebuild, from, cancellationToken);
        (var threats, var withdrawn) = rebuild.Commit();
        return new RebuildSummary { Threats = threats, Withdrawn = withdrawn, Unreadable = unreadable };
    }

    /// <summary>Whether the raw JSON itself says that the threat was taken back, as the append file does.</summary>
    private static bool IsDeleted(ThreatDocument document)
    {
        using var json = JsonDocument.Parse(document.Json, new JsonDocumentOptions { MaxDepth = JsonDepth.MostOfThreat, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        return json.RootElement.Get("deleted"u8).Flag();
    }

    private long Refill(IThreatStoreRebuild rebuild, string from, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        rebuild.Clear();
        long done = 0, unreadable = 0;
        foreach (var chunk in JsonSource.Read(from, cancellationToken).Chunk(PreparedAtOnce))
        {
            unreadable += chunk.Count(document => document is null);
            foreach ((var threat, var deleted) in chunk.OfType<ThreatDocument>().AsParallel().AsOrdered()
                .Select(document => (PreparedThreat.Of(document), IsDeleted(document))))
            {
                if (!deleted)
                {
                    rebuild.Put(threat, now);
                    continue;
                }

                // With the object as it was last received, if it came before; the announcement alone when it did not.
                if (!rebuild.Has(threat.Id))
                {
                    rebuild.Put(threat, now, withdrawnAt: now);
                }

                rebuild.Withdraw(threat.Id, now);
            }

            done += chunk.Length;
            progress?.Report(new RunProgress { Activity = "Rebuilding the store", Done = done });
        }

        return unreadable;
    }

    private long Reindex(IThreatStoreRebuild rebuild, CancellationToken cancellationToken)
    {
        rebuild.ClearIndex();
        var total = rebuild.Count();
        long done = 0, unreadable = 0, last = long.MinValue;
        IReadOnlyList<(long Key, byte[]? Json)> page;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            page = rebuild.Read(last, PreparedAtOnce);
            foreach ((var key, var threat) in page.AsParallel().AsOrdered()
                .Select(row => (row.Key, row.Json is not null && ThreatDocumentReader.Read(row.Json) is ThreatDocument document ? PreparedThreat.Of(document) : null)))
            {
                last = key;
                if (threat is null)
                {
                    unreadable++;
                }
                else
                {
                    rebuild.Index(key, threat);
                }
            }

            done += page.Count;
            progress?.Report(new RunProgress { Activity = "Rebuilding the index", Done = done, Total = total });
        }
        while (page.Count == PreparedAtOnce);
        return unreadable;
    }
}
