using System.Collections.Concurrent;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Files;
using PhishMe.Engine.Destinations.Queues;
using PhishMe.Engine.Files;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Destinations;

/// <summary>
/// One raw output: decides what is news to it, hands that to its append file and its per-threat files, and records what it was told.
/// </summary>
internal sealed class Output : IAsyncDisposable
{
    private readonly OutputSettings _settings;
    private readonly int? _deduplicationHours;
    private readonly AppendFile? _append;
    private readonly ThreatFiles? _files;
    private readonly SyslogOutbox? _syslog;
    private readonly bool _dryRun;
    private readonly Action<string> _warn;
    private readonly ThreatStoring? _storing;
    private readonly OutputRendering _rendering;
    private readonly List<(ThreatUnit Unit, Rendition Rendition, DeliveryRecord? Told)> _news = [];
    private readonly List<(ThreatId Id, DeliveryRecord? Told, long? FirstPublished)> _withdrawn = [];
    private readonly HashSet<ThreatId> _namesakes = [];
    private readonly List<ReadOnlyMemory<byte>> _parts = [];
    private readonly ConcurrentDictionary<Batch, TemporaryFiles> _begun = new(ReferenceEqualityComparer.Instance);
    private OutputSummary _summary;
    private OutputSummary _committed;
    private bool _saidLeftover;

    public Output(
        OutputSettings settings,
        StateStore state,
        ThreatStoring? storing,
        int? deduplicationHours,
        bool dryRun,
        bool rebuilt,
        TimeProvider clock,
        PatientFiles files,
        Action<string> warn,
        ILogger log,
        Action<string>? step)
    {
        _warn = warn;
        _storing = storing;
        _settings = settings;
        _deduplicationHours = deduplicationHours;
        _dryRun = dryRun;
        _rendering = new OutputRendering(new RenderingOptions { Format = settings.Form, Tlp = settings.Marking, ValidDays = settings.ValidDays }, settings.Layout == OutputLayout.Legacy);
        _summary = _committed = new OutputSummary { Output = settings.Section, Format = settings.Format };
        var repair = (state.Unfinished is not null || rebuilt) && !dryRun;
        if (settings.AppendFile is string path)
        {
            _append = AppendFile.Open(path, state.AppendLength(path), repair, rebuilt, log, step);
        }

        if (settings.Folder is not null)
        {
            _files = new ThreatFiles(settings, clock.LocalTimeZone, step, files);
            if (repair)
            {
                Guarded(RemovePartial, settings.Folder);
            }
        }

        if (settings.Syslog is not null && !dryRun)
        {
            _syslog = new SyslogOutbox(settings.Syslog, state, clock, log, step);
        }
    }

    /// <summary>The events that wait for the collector; null without one.</summary>
    public SyslogOutbox? Syslog => _syslog;

    /// <summary>The append file and its length, when the state file has to be told before anything is added; otherwise null.</summary>
    public (string Path, long Length)? UnknownLength => _append is { IsUnknown: true } ? (_append.Path, _append.Length) : null;

    /// <summary>What was committed.</summary>
    public OutputSummary Summary => _committed;

    /// <summary>
    /// Begins with the per-threat files of a batch whose turn is still to come, as if all of it were news. May be called while another batch is taken.
    /// </summary>
    public void Begin(Batch batch)
    {
        if (_files is not null && !_dryRun)
        {
            _begun[batch] = _files.Begin(
                from unit in batch.Threats
                where !unit.Expired
                let rendition = unit.In(_settings.Format)
                where rendition is not null
                select FileOf(unit, rendition.Value));
        }
    }

    /// <summary>What was begun for a batch is of no more use: returns when its bytes are no longer in use either.</summary>
    /// <exception cref="PhishMeException">Its files could not be written.</exception>
    public Task AbandonAsync(Batch batch) => _begun.TryRemove(batch, out var files) ? files.Written : Task.CompletedTask;

    /// <summary>Decides what of the batch is news. Nothing else of a batch looks into the state file.</summary>
    public void Choose(Batch batch, StateStore state, DateTimeOffset now)
    {
        _parts.Clear();
        using (state.Read())
        {
            ChooseNews(batch, state, now);
            if (_append is not null)
            {
                CollectParts(now);
            }
        }
    }

    /// <summary>Writes what was chosen; when it returns, that is on the disk.</summary>
    /// <exception cref="PhishMeException">It could not be written.</exception>
    public async Task WriteAsync(Batch batch, CancellationToken cancellationToken)
    {
        if (_news.Count > 0 || _withdrawn.Count > 0)
        {
            // At the same time: both mostly wait for the disk. Neither is left alone when the other fails, because then the append file is cut back.
            await Task.WhenAll(AppendAsync(cancellationToken), WriteFilesAsync(batch)).ConfigureAwait(false);
            _summary = _summary with { Threats = _summary.Threats + _news.Count, Withdrawn = _summary.Withdrawn + _withdrawn.Count };
        }

        await AbandonAsync(batch).ConfigureAwait(false);
    }

    /// <summary>Puts what this output was told into the transaction of the batch.</summary>
    public void Record(StateTransaction transaction, int generation, DateTimeOffset now)
    {
        foreach ((var unit, var rendition, _) in _news)
        {
            _syslog?.Add(transaction, rendition.Bytes.Span);
            transaction.RecordDelivery(_settings.Format, unit.Id, new DeliveryRecord
            {
                Content = rendition.Content,
                FirstPublished = unit.FirstPublished,
                LastPublished = unit.LastPublished,
                Generation = generation,
                ToldAt = now.ToUnixTimeMilliseconds(),
            });
        }

        foreach ((var id, var told, var firstPublished) in _withdrawn)
        {
            _syslog?.Add(transaction, _rendering.Withdrawn(new WithdrawnThreat { Id = id, FirstPublished = firstPublished }).Span);
            transaction.RecordDelivery(_settings.Format, id, new DeliveryRecord
            {
                Content = told?.Content ?? default,
                FirstPublished = firstPublished,
                LastPublished = told?.LastPublished,
                Generation = generation,
                ToldAt = now.ToUnixTimeMilliseconds(),
                Withdrawn = true,
            });
        }

        if (_append is not null)
        {
            transaction.SetAppendLength(_append.Path, _append.Length);
        }
    }

    /// <summary>Puts the files that other programs hold into the transaction, when all of the batch was written.</summary>
    /// <returns>How many there are.</returns>
    public int RecordHeld(StateTransaction transaction, DateTimeOffset now)
    {
        var held = _files?.TakeHeld() ?? [];
        SetAside(transaction, held, now);
        return held.Count;
    }

    /// <summary>Makes up for the files that other programs held in earlier runs.</summary>
    /// <returns>How many are as they should be now, and how many are still held.</returns>
    /// <exception cref="PhishMeException">A file cannot be changed for another reason.</exception>
    public (int Healed, int Held) RetryHeld(StateStore state, DateTimeOffset now)
    {
        if (_files is null || _dryRun)
        {
            return (0, 0);
        }

        var (done, held) = _files.RetryHeld();
        if (done.Count + held.Count == 0)
        {
            return (0, 0);
        }

        using var transaction = state.Begin();
        var healed = done.Count(path => transaction.Heal(LetterOf(path, string.Empty)));
        SetAside(transaction, held, now);
        transaction.Commit();
        return (healed, held.Count);
    }

    /// <summary>The transaction is committed.</summary>
    public void Commit()
    {
        _append?.Commit();
        _syslog?.Commit();
        _committed = _summary;
    }

    /// <summary>The batch failed: the append file is cut back to what is committed.</summary>
    /// <returns>Whether the files are as they were; if not, the next run repairs them.</returns>
    public async Task<bool> CutBackAsync()
    {
        _summary = _committed;
        _syslog?.RollBack();
        var intact = _append?.CutBack() ?? true;
        try
        {
            await Task.WhenAll(_begun.Keys.Select(AbandonAsync)).ConfigureAwait(false);
        }
        catch (PhishMeException)
        {
            // Told by the batch, if its turn came.
        }

        try
        {
            if (!_dryRun)
            {
                RemovePartial(); // On a full disk the room they take is what everybody waits for.
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            intact = false;
        }

        return intact;
    }

    /// <summary>Leaves no temporary file behind.</summary>
    public void Finish()
    {
        if (_files is not null && !_dryRun)
        {
            Guarded(RemovePartial, _settings.Folder!);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _append?.Dispose();
        _files?.Dispose();
        if (_syslog is not null)
        {
            await _syslog.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void RemovePartial()
    {
        if (_files?.RemovePartial() is { } problem && !_saidLeftover)
        {
            _saidLeftover = true;
            _warn($"[{_settings.Section}] A temporary file of an earlier run is in no one's way and goes with a later run: {problem}");
        }
    }

    private void SetAside(StateTransaction transaction, IReadOnlyList<HeldFile> held, DateTimeOffset now)
    {
        foreach (var file in held)
        {
            var path = _files!.RelativePathOf(file.Change.To);
            transaction.SetAside(LetterOf(path, $"Another program has the file open: {file} The next run tries again."), now);
            _warn($"[{_settings.Section}] {path} could not be {(file.Change.From is null ? "removed" : "replaced")}, because another program has the file open; the next run tries again. {file}");
        }
    }

    private DeadLetter LetterOf(string path, string reason) =>
        new() { Subject = $"file {path}", Format = _settings.Format, Reason = reason };

    private static void Guarded(Action work, string where)
    {
        try
        {
            work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.OutputFailed, $"Temporary files cannot be removed: {exception.Message}", where, exception);
        }
    }

    private void ChooseNews(Batch batch, StateStore state, DateTimeOffset now)
    {
        _news.Clear();
        _withdrawn.Clear();
        _namesakes.Clear();
        var unchanged = 0;
        foreach (var unit in batch.Threats)
        {
            if (unit.Expired || unit.In(_settings.Format) is not Rendition rendition)
            {
                continue;
            }

            var told = state.Told(_settings.Format, unit.Id);
            if (IsNews(told, unit, rendition, batch.After.Generation, now))
            {
                _news.Add((unit, rendition, told));
            }
            else
            {
                unchanged++;
            }
        }

        foreach (var id in batch.Withdrawn)
        {
            var told = state.Told(_settings.Format, id);
            if (told is not { Withdrawn: true })
            {
                _withdrawn.Add((id, told, told?.FirstPublished ?? state.FirstPublished(id)));
                if (_settings.Layout == OutputLayout.Legacy && IsFileOfNamesake(id, told, state))
                {
                    _namesakes.Add(id);
                }
            }
        }

        _summary = _summary with { Unchanged = _summary.Unchanged + unchanged };
    }

    /// <summary>
    /// Word for word the same is never told twice within one backfill and what follows it; a moved date alone is not told again within the
    /// hours of data_deduplication_hours.
    /// </summary>
    private bool IsNews(DeliveryRecord? before, ThreatUnit unit, Rendition rendition, int generation, DateTimeOffset now)
    {
        if (before is not DeliveryRecord told || told.Withdrawn || told.Generation != generation || told.Content != rendition.Content)
        {
            return true;
        }

        return told.LastPublished != unit.LastPublished
            && !(_deduplicationHours is int hours && IsWithin(now.ToUnixTimeMilliseconds() - told.ToldAt, hours));
    }

    /// <summary>In the legacy layout malware and phish of one number share a file: it is the one's that was told last, and only that one's to take back.</summary>
    private bool IsFileOfNamesake(ThreatId id, DeliveryRecord? told, StateStore state)
    {
        var namesake = new ThreatId(id.Type == ThreatType.Malware ? ThreatType.Phish : ThreatType.Malware, id.Number);
        return _news.Exists(item => item.Unit.Id == namesake && !item.Rendition.Bytes.IsEmpty)
            || (state.Told(_settings.Format, namesake) is { Withdrawn: false } other && !(told?.ToldAt > other.ToldAt));
    }

    /// <summary>A time in the future was told by a clock that has been set back since: it proves nothing.</summary>
    private static bool IsWithin(long milliseconds, int hours) => milliseconds >= 0 && milliseconds < TimeSpan.FromHours(hours).TotalMilliseconds;

    private Task AppendAsync(CancellationToken cancellationToken) =>
        _append is null || _dryRun ? Task.CompletedTask : _append.AppendAsync(_parts, cancellationToken);

    private void CollectParts(DateTimeOffset now)
    {
        foreach ((_, var rendition, _) in _news)
        {
            if (!rendition.Bytes.IsEmpty)
            {
                _rendering.AddToStream(_parts, rendition.Bytes, rendition.IsCompact);
            }
        }

        foreach ((var id, var told, var firstPublished) in _withdrawn)
        {
            var announcement = _rendering.Withdrawn(new WithdrawnThreat
            {
                Id = id,
                LastKnown = _rendering.Format.RepeatsWithdrawn ? _storing?.LastKnown(id) : null,
                FirstPublished = firstPublished,
                LastPublished = told is null ? now.ToUnixTimeMilliseconds() : told.Value.LastPublished,
            });
            if (!announcement.IsEmpty)
            {
                _parts.Add(announcement);
            }
        }

        _summary = _summary with { BytesAppended = _summary.BytesAppended + _parts.Sum(part => (long)part.Length) };
    }

    private async Task WriteFilesAsync(Batch batch)
    {
        if (_files is null)
        {
            return;
        }

        var written = _news.Count(item => !item.Rendition.Bytes.IsEmpty);
        var removed = 0;
        if (!_dryRun)
        {
            var begun = _begun.GetOrAdd(batch, _ => _files.Begin(_news.Select(item => FileOf(item.Unit, item.Rendition))));
            await _files.PlaceAsync(
            [
                .. _news.Select(item => new ThreatFileContent(
                    item.Unit.Id,
                    item.Unit.FirstPublished,
                    new PreviousDate(item.Told is { Withdrawn: false }, item.Told?.FirstPublished),
                    item.Rendition.Bytes.IsEmpty)),
            ],
            begun).ConfigureAwait(false);
            removed = _withdrawn.Count(item => !_namesakes.Contains(item.Id) && _files.Remove(item.Id, item.FirstPublished));
        }
        else
        {
            removed = _withdrawn.Count;
        }

        _summary = _summary with { FilesWritten = _summary.FilesWritten + written, FilesRemoved = _summary.FilesRemoved + removed };
    }

    private (ThreatId Id, long? FirstPublished, ReadOnlyMemory<byte> Bytes) FileOf(ThreatUnit unit, Rendition rendition) =>
        (unit.Id, unit.FirstPublished, _rendering.FileOf(rendition.Bytes));
}
