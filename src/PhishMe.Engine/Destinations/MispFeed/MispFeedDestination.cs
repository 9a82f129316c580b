using System.Buffers;
using System.Text;
using System.Text.Json;
using PhishMe.Engine.Destinations.Feeds;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.MispFeed;

/// <summary>
/// Makes the folder: an event for each threat, then the hashes, and the manifest last, because it is what readers ask for first. Files that did not change are
/// not touched. An event is never dropped while a reader may hold it: its attributes are deleted, and the file goes long after that.
/// </summary>
internal sealed class MispFeedDestination(MispFeedSettings settings, DestinationHost host) : IRebuiltDestination
{
    private const int PageLength = 256;

    /// <summary>How long an event with nothing left in it stays: a reader that is away for longer keeps what it has.</summary>
    private static readonly TimeSpan _afterlife = TimeSpan.FromDays(90);

    private readonly MispEventRenderer _renderer = new(settings.Event with { Clock = host.Clock });
    private readonly string _organisation = NameBasedUuid.Create($"misp|organisation|{settings.Event.Organisation}").ToString("D");

    public bool IsInPlace => File.Exists(settings.Manifest) && File.Exists(settings.Hashes);

    public async Task<RebuildResult> RebuildAsync(IStoredThreats threats, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(threats);
        var now = host.Clock.GetUtcNow();
        int written = 0, removed = 0, unreadable = 0;
        var seen = new HashSet<Guid>();
        try
        {
            Directory.CreateDirectory(settings.Folder);
            using var hashes = new FeedFileWriter(settings.Hashes, host.Files);
            using var manifest = new FeedFileWriter(settings.Manifest, host.Files);
            var entries = new Entries(hashes, manifest, _organisation);
            for (var page = await ReadAsync(threats, 0, cancellationToken).ConfigureAwait(false); page.Threats.Count > 0;
                page = await ReadAsync(threats, page.Next, cancellationToken).ConfigureAwait(false))
            {
                foreach (var stored in page.Threats.Where(stored => settings.Wanted.Products.Contains(stored.Id.Type)))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    seen.Add(MispEventRenderer.EventUuid(stored.Id));
                    if (ReadThreat.Of(stored.Json).Threat is not Threat threat)
                    {
                        unreadable++;
                    }
                    else if (Write(threat, stored, now) is var (json, isWritten))
                    {
                        written += isWritten ? 1 : 0;
                        entries.Add(json);
                    }
                }
            }

            foreach (var (path, uuid) in Events().Where(file => !seen.Contains(file.Uuid)).OrderBy(file => file.Uuid))
            {
                cancellationToken.ThrowIfCancellationRequested();
                removed += TakeBack(path, now, entries, ref written);
            }

            entries.Complete();
            hashes.Complete();
            manifest.Complete();
            hashes.Publish();
            manifest.Publish();
            written += (hashes.IsChanged ? 1 : 0) + (manifest.IsChanged ? 1 : 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.OutputFailed, $"The feed cannot be written: {exception.Message}", settings.Folder, exception);
        }

        if (unreadable > 0)
        {
            host.Log.Warning("{Count} stored threat(s) cannot be read and are not in the MISP feed", unreadable);
        }

        return new RebuildResult(written, removed);
    }

    private static async Task<StoredThreatPage> ReadAsync(IStoredThreats threats, long after, CancellationToken cancellationToken)
    {
        try
        {
            return await threats.ReadAsync(after, PageLength, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is FormatException or StateDamagedException)
        {
            throw new PhishMeException(Faults.StoreDamaged, $"The store cannot be read to its end, so the feed stays as it is: {exception.Message}", innerException: exception);
        }
    }

    /// <summary>The event of a threat; null when it has none.</summary>
    private (ReadOnlyMemory<byte> Json, bool IsWritten)? Write(Threat threat, StoredThreat stored, DateTimeOffset now)
    {
        var path = Path.Combine(settings.Folder, $"{MispEventRenderer.EventUuid(stored.Id):D}.json");
        var before = File.Exists(path) ? File.ReadAllBytes(path) : null;
        var last = threat.LastPublished ?? threat.FirstPublished ?? stored.StoredAt;
        var isOver = settings.Wanted.RetentionDays > 0 && last < now.AddDays(-settings.Wanted.RetentionDays);
        var isGone = stored.WithdrawnAt is not null && settings.Wanted.Retract;
        if (before is null && (isOver || isGone))
        {
            return null;
        }

        MispFeedEvent next;
        if (isOver)
        {
            next = MispFeedEvent.Withdrawn(before!, now);
        }
        else
        {
            var output = new ArrayBufferWriter<byte>();
            _renderer.Render(threat with { Withdrawn = isGone, ReceivedAt = stored.StoredAt }, output);
            next = MispFeedEvent.Of(before, output.WrittenMemory, now);
        }

        if (next.IsChanged)
        {
            Replace(path, next.Json);
        }

        return (next.Json, next.IsChanged);
    }

    /// <summary>An event whose threat left the store, or is of a product that is no longer wanted.</summary>
    /// <returns>Files removed.</returns>
    private int TakeBack(string path, DateTimeOffset now, Entries entries, ref int written)
    {
        var before = File.ReadAllBytes(path);
        if (!entries.IsOurs(before))
        {
            return 0;
        }

        var next = MispFeedEvent.Withdrawn(before, now);
        if (next.IsChanged)
        {
            Replace(path, next.Json);
            written++;
        }
        else if (MispFeedEvent.TimeOf(before) is DateTimeOffset time && time + _afterlife < now)
        {
            host.Files.Delete(path);
            return 1;
        }

        entries.Add(next.Json);
        return 0;
    }

    private IEnumerable<(string Path, Guid Uuid)> Events() =>
        from path in Directory.EnumerateFiles(settings.Folder, "*.json")
        let uuid = Guid.TryParseExact(Path.GetFileNameWithoutExtension(path), "D", out var parsed) ? parsed : (Guid?)null
        where uuid is not null
        select (path, uuid.Value);

    private void Replace(string path, ReadOnlyMemory<byte> json)
    {
        var temporary = Path.Combine(settings.Folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.phishme-partial");
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                file.Write(json.Span);
                file.Flush(flushToDisk: true);
            }

            host.Files.Rename(temporary, path);
        }
        catch
        {
            host.Files.TryDelete(temporary);
            throw;
        }
    }

    /// <summary>The two files that list the events, as they grow.</summary>
    private sealed class Entries(FeedFileWriter hashes, FeedFileWriter manifest, string organisation)
    {
        private readonly StringBuilder _lines = new();
        private bool _hasSome;

        public bool IsOurs(byte[] json) => MispFeedEvent.Describe(json, organisation, new StringBuilder()) is not null;

        public void Add(ReadOnlyMemory<byte> json)
        {
            _lines.Clear();
            if (MispFeedEvent.Describe(json, organisation, _lines) is not { } write)
            {
                return;
            }

            hashes.Write(Encoding.ASCII.GetBytes(_lines.ToString()));
            var output = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(output))
            {
                writer.WriteStartObject();
                write(writer);
                writer.WriteEndObject();
            }

            // Without the brackets: it is a member of the whole.
            manifest.Write(_hasSome ? ",\n"u8 : "{\n"u8);
            manifest.Write(output.WrittenSpan[1..^1]);
            _hasSome = true;
        }

        public void Complete() => manifest.Write(_hasSome ? "\n}\n"u8 : "{}\n"u8);
    }
}
