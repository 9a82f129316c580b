using System.Collections.Concurrent;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Files;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Files;

/// <summary>The files of a raw output: one that grows, one for each threat, or both.</summary>
internal sealed class FileDestination : ITransactionalDestination
{
    private readonly OutputSettings _settings;
    private readonly DestinationHost _host;
    private readonly OutputRendering _rendering;
    private readonly AppendFile? _append;
    private readonly ThreatFiles? _files;
    private readonly BatchJournal? _journal;
    private readonly ConcurrentDictionary<Batch, TemporaryFiles> _begun = new(ReferenceEqualityComparer.Instance);

    private bool _saidLeftover;

    public FileDestination(OutputSettings settings, DestinationHost host)
    {
        _settings = settings;
        _host = host;
        _rendering = new OutputRendering(
            new RenderingOptions { Format = settings.Form, Tlp = settings.Marking, ValidDays = settings.ValidDays }, settings.Layout == OutputLayout.Legacy, settings.Scores);
        var repair = host is { Repair: true, DryRun: false };
        if (settings.AppendFile is string path)
        {
            _append = AppendFile.Open(path, host.CommittedLength(path), repair, host.StateWasLost, host.Log, host.Step);
        }

        if (settings.Folder is not null)
        {
            _files = new ThreatFiles(settings, host.Clock.LocalTimeZone, host.Step, host.Files);
            _journal = host is { JournalPath: string journal, DryRun: false } ? BatchJournal.Open(journal, host.CommittedLength(journal)) : null;
            if (repair)
            {
                try
                {
                    RemovePartial();
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    throw new PhishMeException(Faults.OutputFailed, $"Temporary files cannot be removed: {exception.Message}", settings.Folder, exception);
                }
            }
        }
    }

    public IReadOnlyList<AppendLength> UnknownLengths => _append is { IsUnknown: true } ? [new AppendLength(_append.Path, _append.Length)] : [];

    public IReadOnlyList<ThreatId> Interrupted => [.. _journal?.Interrupted.Select(threat => threat.Id) ?? []];

    public IReadOnlyList<AppendLength> PutRight(IReadOnlySet<ThreatId> missing)
    {
        foreach (var (id, firstPublished) in _journal!.Interrupted.Where(threat => missing.Contains(threat.Id)))
        {
            _files!.Remove(id, firstPublished);
        }

        return [_journal.Settle()];
    }

    public void BeginAhead(Batch batch)
    {
        if (_files is not null && !_host.DryRun)
        {
            _begun[batch] = _files.Begin(
                from unit in batch.Threats
                where !unit.Expired
                let rendition = unit.In(_settings.Format)
                where rendition is not null
                select (unit.Id, unit.FirstPublished, _rendering.FileOf(rendition.Value.Bytes)));
        }
    }

    public Task AbandonAsync(Batch batch) => _begun.TryRemove(batch, out var files) ? files.Written : Task.CompletedTask;

    public PreparedDelivery Prepare(Batch batch, Delivery delivery)
    {
        var contents = delivery.Threats.Select(ContentOf).ToArray();
        var parts = _append is null ? [] : PartsOf(delivery, contents);
        var bytes = parts.Sum(part => (long)part.Length);
        return new PreparedFiles
        {
            Delivery = delivery,
            Contents = contents,
            Parts = parts,
            BytesAppended = bytes,
            Lengths =
            [
                .. _append is null ? Array.Empty<AppendLength>() : [new AppendLength(_append.Path, _append.Length + bytes)],
                .. _journal is null || delivery.IsEmpty ? Array.Empty<AppendLength>() : [_journal.Next],
            ],
        };
    }

    public async Task<PublishedFiles> PublishAsync(Batch batch, PreparedDelivery prepared, CancellationToken cancellationToken)
    {
        var files = (PreparedFiles)prepared;
        var published = new PublishedFiles(0, 0);
        if (!files.Delivery.IsEmpty)
        {
            _journal?.Begin(
                files.Delivery.Threats.Select(threat => (threat.Id, threat.Unit.FirstPublished)).Concat(files.Delivery.Withdrawn.Select(threat => (threat.Id, threat.FirstPublished))));

            // At the same time: both mostly wait for the disk. Neither is left alone when the other fails, because then the append file is cut back.
            var writing = WriteFilesAsync(batch, files);
            await Task.WhenAll(AppendAsync(files, cancellationToken), writing).ConfigureAwait(false);
            published = await writing.ConfigureAwait(false);
        }

        await AbandonAsync(batch).ConfigureAwait(false);
        return published;
    }

    public IReadOnlyList<DeadLetter> TakeHeld() => Letters(_files?.TakeHeld() ?? []);

    public (IReadOnlyList<DeadLetterPlace> Done, IReadOnlyList<DeadLetter> Held) RetryHeld()
    {
        if (_files is null || _host.DryRun)
        {
            return ([], []);
        }

        var (done, held) = _files.RetryHeld();
        return ([.. done.Select(PlaceOf)], Letters(held));
    }

    public void Commit() => _append?.Commit();

    public void LeaveUnknown() => _append?.LeaveUnknown();

    public async Task<bool> RollBackAsync()
    {
        var intact = _append?.CutBack() ?? true;
        try
        {
            await Task.WhenAll(_begun.Keys.Select(AbandonAsync)).ConfigureAwait(false);
        }
        catch (PhishMeException)
        {
            // The batch reports it, if its turn came.
        }

        try
        {
            if (!_host.DryRun)
            {
                RemovePartial(); // On a full disk the room they take is what everything waits for.
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            intact = false;
        }

        return intact;
    }

    public ValueTask DisposeAsync()
    {
        _append?.Dispose();
        _files?.Dispose();
        return ValueTask.CompletedTask;
    }

    private FilePlace PlaceOf(string path) => new(_host.Id, path);

    private DeadLetter[] Letters(IReadOnlyList<HeldFile> held)
    {
        var letters = new List<DeadLetter>(held.Count);
        foreach (var file in held)
        {
            var path = _files!.RelativePathOf(file.Change.To);
            letters.Add(new DeadLetter
            {
                Place = PlaceOf(path),
                Destination = _host.Id,
                Format = _settings.Format,
                Reason = $"Another program has the file open: {file} The next run tries again.",
            });
            _host.Warn($"[{_settings.Section}] {path} could not be {(file.Change.From is null ? "removed" : "replaced")}, because another program has the file open; the next run tries again. {file}");
        }

        return [.. letters];
    }

    private void RemovePartial()
    {
        if (_files?.RemovePartial() is { } problem && !_saidLeftover)
        {
            _saidLeftover = true;
            _host.Warn($"[{_settings.Section}] A temporary file of an earlier run could not be deleted. A later run deletes it: {problem}");
        }
    }

    /// <summary>
    /// The threat in this format. Formats that announce removals render the change: with what the threat no longer has, and as a later version even when
    /// its dates did not move.
    /// </summary>
    private Rendition ContentOf(ThreatDelivery threat) =>
        _rendering.Format.AnnouncesRemoval && threat.Change is ThreatChange change && !ReferenceEquals(change.ToRender, change.Now)
            ? new Rendition(_rendering.Render(change.ToRender), threat.Rendition.Content)
            : threat.Rendition;

    private List<ReadOnlyMemory<byte>> PartsOf(Delivery delivery, IReadOnlyList<Rendition> contents)
    {
        var parts = new List<ReadOnlyMemory<byte>>();
        foreach (var content in contents)
        {
            if (!content.Bytes.IsEmpty)
            {
                _rendering.AddToStream(parts, content.Bytes, content.IsCompact);
            }
        }

        foreach (var withdrawn in delivery.Withdrawn)
        {
            var announcement = _rendering.Withdrawn(new WithdrawnThreat
            {
                Id = withdrawn.Id,
                LastKnown = _rendering.Format.RepeatsWithdrawn ? withdrawn.LastKnown : null,
                LastModel = withdrawn.LastModel,
                FirstPublished = withdrawn.FirstPublished,
                LastPublished = withdrawn.Before is DeliveryRecord before ? before.LastPublished : delivery.Now.ToUnixTimeMilliseconds(),
            });
            if (!announcement.IsEmpty)
            {
                parts.Add(announcement);
            }
        }

        return parts;
    }

    private Task AppendAsync(PreparedFiles prepared, CancellationToken cancellationToken) =>
        _append is null || _host.DryRun ? Task.CompletedTask : _append.AppendAsync(prepared.Parts, cancellationToken);

    private async Task<PublishedFiles> WriteFilesAsync(Batch batch, PreparedFiles prepared)
    {
        if (_files is null)
        {
            return default;
        }

        var delivery = prepared.Delivery;
        var written = prepared.Contents.Count(content => !content.Bytes.IsEmpty);
        if (_host.DryRun)
        {
            return new PublishedFiles(written, delivery.Withdrawn.Count);
        }

        // What was begun is of no use when another content is wanted than the one that was fetched.
        if (delivery.Threats.Where((threat, index) => !threat.Rendition.Bytes.Equals(prepared.Contents[index].Bytes)).Any())
        {
            await AbandonAsync(batch).ConfigureAwait(false);
        }

        var begun = _begun.GetOrAdd(batch, _ => _files.Begin(delivery.Threats.Select(
            (threat, index) => (threat.Id, threat.Unit.FirstPublished, _rendering.FileOf(prepared.Contents[index].Bytes)))));
        await _files.PlaceAsync(
            [
                .. delivery.Threats.Select((threat, index) => new ThreatFileContent(
                    threat.Id,
                    threat.Unit.FirstPublished,
                    new PreviousDate(threat.Before is { Withdrawn: false }, threat.Before?.FirstPublished),
                    prepared.Contents[index].Bytes.IsEmpty)),
            ],
            begun).ConfigureAwait(false);
        var removed = delivery.Withdrawn.Count(withdrawn => !IsOfNamesake(delivery, withdrawn.Id) && _files.Remove(withdrawn.Id, withdrawn.FirstPublished));
        return new PublishedFiles(written, removed);
    }

    private bool IsOfNamesake(Delivery delivery, ThreatId id) => _settings.Layout == OutputLayout.Legacy && delivery.Namesakes.Contains(id);

    private sealed record PreparedFiles : PreparedDelivery
    {
        /// <summary>What each threat of the delivery looks like.</summary>
        public required IReadOnlyList<Rendition> Contents { get; init; }

        public required IReadOnlyList<ReadOnlyMemory<byte>> Parts { get; init; }
    }
}
