using System.Text.Json;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// Builds the store anew. All in one transaction: readers see the old store until the new one is complete, and a rebuild that fails or is killed
/// leaves the old one as it was.
/// </summary>
internal sealed class StoreRebuild(string path, TimeProvider clock, IProgress<RunProgress>? progress)
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

        if (from is null && !File.Exists(path))
        {
            throw new PhishMeException(Faults.StoreNotFound, "There is no local store at this path.", path);
        }

        using var state = StateStore.Open(path);
        var archive = state.OpenArchive();
        RebuildSummary summary;
        using (var transaction = state.Begin())
        {
            var unreadable = state.Run(() => from is null ? Reindex(state, archive, cancellationToken) : Refill(state, archive, from, cancellationToken));
            state.Run(() =>
            {
                archive.MoveKeys();
                return 0;
            });
            summary = state.Run(() => new RebuildSummary
            {
                Threats = Count(state.Connection, "SELECT count(*) FROM stored_threat"),
                Withdrawn = Count(state.Connection, "SELECT count(*) FROM stored_threat WHERE withdrawn_at IS NOT NULL"),
                Unreadable = unreadable,
            });
            transaction.Commit();
        }

        state.ShrinkFile();
        return summary;
    }

    private static long Count(SqliteConnection connection, string sql)
    {
        using var count = new SqliteStatement(connection, sql);
        count.Step();
        return count.Integer(0);
    }

    private static void Clear(SqliteConnection connection, params ReadOnlySpan<string> statements)
    {
        foreach (var sql in statements)
        {
            using var statement = new SqliteStatement(connection, sql);
            statement.Run();
        }
    }

    /// <summary>Whether the raw JSON itself says that the threat was taken back, as the append file does.</summary>
    private static bool IsDeleted(ThreatDocument document)
    {
        using var json = JsonDocument.Parse(document.Json, new JsonDocumentOptions { MaxDepth = 256, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        return json.RootElement.Get("deleted"u8).Flag();
    }

    private long Refill(StateStore state, ThreatArchive archive, string from, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        Clear(
            state.Connection,
            "DELETE FROM indicator_key", "DELETE FROM indicator_key_new", "DELETE FROM indicator_address", "DELETE FROM indicator", "DELETE FROM threat_term", "DELETE FROM term",
            "DELETE FROM stored_json", "DELETE FROM stored_threat");
        archive.Forget();
        long done = 0, unreadable = 0;
        foreach (var chunk in JsonSource.Read(from, cancellationToken).Chunk(PreparedAtOnce))
        {
            unreadable += chunk.Count(document => document is null);
            foreach ((var threat, var deleted) in chunk.OfType<ThreatDocument>().AsParallel().AsOrdered()
                .Select(document => (PreparedThreat.Of(document), IsDeleted(document))))
            {
                if (deleted)
                {
                    // With the object as it was last received, if it came before; the announcement alone when it did not.
                    if (archive.Json(threat.Id) is null)
                    {
                        archive.Put(threat, now, withdrawnAt: now);
                    }

                    archive.Withdraw(threat.Id, now);
                }
                else
                {
                    archive.Put(threat, now);
                }
            }

            done += chunk.Length;
            progress?.Report(new RunProgress { Activity = "Rebuilding the store", Done = done });
        }

        return unreadable;
    }

    private long Reindex(StateStore state, ThreatArchive archive, CancellationToken cancellationToken)
    {
        Clear(
            state.Connection,
            "DELETE FROM indicator_key", "DELETE FROM indicator_key_new", "DELETE FROM indicator_address", "DELETE FROM indicator", "DELETE FROM threat_term", "DELETE FROM term");
        archive.Forget();
        var total = Count(state.Connection, "SELECT count(*) FROM stored_json");
        long done = 0, unreadable = 0, last = long.MinValue;
        using var rows = new SqliteStatement(state.Connection, "SELECT threat, json FROM stored_json WHERE threat > ?1 ORDER BY threat LIMIT ?2");
        var page = new List<(long Key, byte[]? Json)>(PreparedAtOnce);
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            page.Clear();
            rows.Bind(1, last).Bind(2, (long)PreparedAtOnce);
            while (rows.Step())
            {
                last = rows.Integer(0);
                page.Add((last, StoredJson.Unpack(rows.Bytes(1))));
            }

            foreach ((var key, var threat) in page.AsParallel().AsOrdered()
                .Select(row => (row.Key, row.Json is not null && SearchPageReader.ReadThreat(row.Json) is ThreatDocument document ? PreparedThreat.Of(document) : null)))
            {
                if (threat is null)
                {
                    unreadable++;
                }
                else
                {
                    archive.Reindex(key, threat);
                }
            }

            done += page.Count;
            progress?.Report(new RunProgress { Activity = "Rebuilding the index", Done = done, Total = total });
        }
        while (page.Count == PreparedAtOnce);
        return unreadable;
    }
}
