using System.Buffers;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Files;
using PhishMe.Engine.Files;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>
/// A feed as the original wrote it: rows are appended when their threat is new or changed; nothing is sorted, unique or taken back. A file that another
/// program took away begins again.
/// </summary>
internal sealed class AppendedFeed : ITransactionalDestination
{
    private readonly FeedSettings _settings;
    private readonly DestinationHost _host;
    private readonly Dictionary<string, AppendFile> _files = new(StringComparer.Ordinal);

    private AppendedFeed(FeedSettings settings, DestinationHost host)
    {
        _settings = settings;
        _host = host;
        foreach (var file in settings.Files)
        {
            _files.Add(file.Path, AppendFile.Open(file.Path, host.CommittedLength(file.Path), host.Repair, host.StateWasLost, host.Log, host.Step));
        }
    }

    public IReadOnlyList<AppendLength> UnknownLengths =>
        [.. _files.Values.Where(file => file.IsUnknown).Select(file => new AppendLength(file.Path, file.Length))];

    /// <summary>The destination of a feed that is appended to.</summary>
    public static TransactionalDestination Of(SectionValues section, FeedSettings settings) => new()
    {
        Id = new DestinationId(settings.Name),
        Section = section.Name,
        Files = [.. settings.Paths],
        Open = host => new AppendedFeed(settings, host),
    };

    public void BeginAhead(Batch batch)
    {
    }

    public Task AbandonAsync(Batch batch) => Task.CompletedTask;

    public PreparedDelivery Prepare(Batch batch, Delivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        var texts = _files.Keys.ToDictionary(path => path, _ => new ArrayBufferWriter<byte>(), StringComparer.Ordinal);

        // The original knows no retention here: what it is given it writes.
        using var pass = new FeedPass(
            [_settings with { Wanted = _settings.Wanted with { RetentionDays = 0 } }], delivery.Now, _host.TemporaryFolder, PatientFiles.OfSystem());
        var rows = pass.NewRows();
        foreach (var delivered in delivery.Threats)
        {
            if (delivered.Unit.Model is Threat threat)
            {
                pass.Prepare(threat, delivery.Now, rows);
            }
        }

        Append(rows, texts);
        return new Rows(texts)
        {
            Delivery = delivery,
            BytesAppended = texts.Values.Sum(text => (long)text.WrittenCount),
            Lengths = [.. texts.Where(text => text.Value.WrittenCount > 0).Select(text => new AppendLength(text.Key, _files[text.Key].Length + text.Value.WrittenCount))],
        };
    }

    public async Task<PublishedFiles> PublishAsync(Batch batch, PreparedDelivery prepared, CancellationToken cancellationToken)
    {
        foreach ((var path, var text) in ((Rows)prepared).Texts)
        {
            if (text.WrittenCount > 0 && !_host.DryRun)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await _files[path].AppendAsync([text.WrittenMemory], cancellationToken).ConfigureAwait(false);
            }
        }

        return default;
    }

    public void Commit()
    {
        foreach (var file in _files.Values)
        {
            file.Commit();
        }
    }

    public void LeaveUnknown()
    {
        foreach (var file in _files.Values)
        {
            file.LeaveUnknown();
        }
    }

    public Task<bool> RollBackAsync() => Task.FromResult(_files.Values.Aggregate(true, (intact, file) => file.CutBack() && intact));

    public ValueTask DisposeAsync()
    {
        foreach (var file in _files.Values)
        {
            file.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private void Append(PreparedRows prepared, Dictionary<string, ArrayBufferWriter<byte>> texts)
    {
        var bytes = prepared.Bytes.WrittenSpan;
        var line = new ArrayBufferWriter<byte>();
        foreach ((var start, var keyLength, var length) in prepared.Places)
        {
            var row = new FeedRow(bytes.Slice(start, keyLength), bytes.Slice(start + keyLength, length));
            foreach (var file in _settings.Files)
            {
                line.ResetWrittenCount();
                if ((file.Ranks & (1 << row.Rank)) != 0 && file.Kinds.Contains(row.Kind) && file.Format(row, line))
                {
                    texts[file.Path].Write(line.WrittenSpan);
                }
            }
        }
    }

    /// <summary>What is to be appended, by file.</summary>
    private sealed record Rows(Dictionary<string, ArrayBufferWriter<byte>> Texts) : PreparedDelivery;
}
