using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using PhishMe.Engine.Files;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Rendering.Blocking;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>
/// Makes several feeds of one read of the threats: each threat is parsed once, all records are sorted once, and each feed takes from the sorted stream what
/// it wants. Memory does not grow with the number of threats.
/// </summary>
internal sealed class FeedPass : IDisposable
{
    /// <summary>Feeds of one pass at most: a record has a bit for each.</summary>
    public const int MostFeeds = 32;

    private static readonly BlockListRule _rule = new(new IndicatorFilter { IncludeCorollary = true, IncludeBenign = true });

    private readonly FeedSettings[] _feeds;
    /// <summary>A bit for each feed that has a place for a kind.</summary>
    private readonly uint[] _carriers;
    private readonly BlockListRule?[] _allowRules;
    private readonly FeedShare[] _shares;
    private readonly ExternalSort?[] _reports;
    private readonly ExternalSort _rows;
    private readonly ConcurrentBag<PreparedRows> _spare = [];
    private readonly DateTimeOffset _now;
    private readonly string _temporaryFolder;
    private readonly PatientFiles _files;

    /// <param name="feeds">The feeds, at most <see cref="MostFeeds"/>.</param>
    /// <param name="now">Our clock: what is too old is left out.</param>
    /// <param name="temporaryFolder">Where what does not fit into memory goes for the time of the pass.</param>
    /// <param name="files">Renames files.</param>
    public FeedPass(IReadOnlyList<FeedSettings> feeds, DateTimeOffset now, string temporaryFolder, PatientFiles files)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(feeds.Count, MostFeeds);
        _feeds = [.. feeds];
        _carriers = [.. Enum.GetValues<IndicatorKind>().Select(kind => CarriersOf(kind, _feeds))];
        _allowRules =
        [
            .. feeds.Select(feed => feed.AllowList is null ? null : new BlockListRule(IndicatorFilter.Everything, feed.AllowList)),
        ];
        _shares = [.. feeds.Select(_ => new FeedShare())];
        _rows = new ExternalSort(temporaryFolder, prefixOf: FeedRow.PrefixOf);
        _reports = [.. feeds.Select(feed => feed.Reports is null ? null : new ExternalSort(temporaryFolder, 8 * 1024 * 1024))];
        _now = now;
        _temporaryFolder = temporaryFolder;
        _files = files;
    }

    /// <summary>Takes what the feeds of this pass want of threats; for one thread.</summary>
    public PreparedRows NewRows() => _spare.TryTake(out var spare) ? spare : new PreparedRows(_feeds.Length);

    /// <summary>Reads what the feeds want of a threat. May be called by several threads at once, each with rows of its own.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="received">When this version came: a date ahead of it is not believed.</param>
    /// <param name="prepared">Takes it.</param>
    public void Prepare(Threat threat, DateTimeOffset received, PreparedRows prepared)
    {
        var last = LastOf(threat, received);
        var wanting = FeedsWanting(threat, last);
        if (wanting == 0)
        {
            return;
        }

        var malformed = new LeftOutCounts();
        var records = IndicatorRecords.Of(threat with { RemovedIndicators = [], Withdrawn = false }, malformed);
        for (var feed = 0; feed < _feeds.Length; feed++)
        {
            if ((wanting & (1u << feed)) != 0)
            {
                prepared.ShareOf(feed).LeftOut.Add(malformed);
            }
        }

        var end = FeedRow.EncodeThreat(threat);
        var reported = new List<(IndicatorRecord, Impact?)>?[_feeds.Length];
        foreach (var record in records)
        {
            var impact = record.IsBenign ? Impact.None : record.Impact;
            var takers = TakersOf(record, impact, wanting, prepared, reported);
            if (takers != 0)
            {
                var start = prepared.Bytes.WrittenCount;
                var keyLength = FeedRow.Encode(prepared.Bytes, record, impact, takers, last, end);
                prepared.Places.Add((start, keyLength, prepared.Bytes.WrittenCount - start - keyLength));
            }
        }

        for (var feed = 0; feed < _feeds.Length; feed++)
        {
            if (reported[feed] is { } taken && _feeds[feed].Reports is FeedReports reports)
            {
                (prepared.Reports[feed] ??= []).AddRange(reports.Compose(new FeedThreat(threat, last, taken)));
            }
        }
    }

    /// <summary>Adds what was read, and takes the rows back. One thread at a time.</summary>
    /// <exception cref="PhishMeException">There is no room for temporary files.</exception>
    public void Add(PreparedRows prepared)
    {
        try
        {
            for (var feed = 0; feed < _feeds.Length; feed++)
            {
                if (prepared.Shares[feed] is FeedShare share)
                {
                    _shares[feed].Add(share);
                }

                foreach ((var id, var report) in prepared.Reports[feed] ?? [])
                {
                    _reports[feed]!.Add(System.Text.Encoding.ASCII.GetBytes(id), report.Span);
                }
            }

            var bytes = prepared.Bytes.WrittenSpan;
            foreach ((var start, var keyLength, var length) in prepared.Places)
            {
                _rows.Add(bytes.Slice(start, keyLength), bytes.Slice(start + keyLength, length));
            }

            prepared.Clear();
            _spare.Add(prepared);
        }
        catch (IOException exception)
        {
            throw NoRoom(exception);
        }
    }

    /// <summary>Writes all files, and puts them in their places when all of a feed are complete.</summary>
    /// <returns>A result for each feed, in order.</returns>
    /// <exception cref="PhishMeException">What was spilled cannot be read.</exception>
    public IReadOnlyList<FeedResult> Complete(CancellationToken cancellationToken)
    {
        var outputs = new List<FeedOutput>(_feeds.Length);
        try
        {
            for (var feed = 0; feed < _feeds.Length; feed++)
            {
                outputs.Add(new FeedOutput(_feeds[feed], _reports[feed], _temporaryFolder, _files));
            }

            WriteRows(outputs, cancellationToken);
            var results = new FeedResult[outputs.Count];
            AtOnce(results.Length, feed => results[feed] = outputs[feed].Complete(_shares[feed], cancellationToken));
            return results;
        }
        catch (IOException exception)
        {
            throw NoRoom(exception);
        }
        finally
        {
            outputs.ForEach(output => output.Dispose());
        }
    }

    public void Dispose()
    {
        _rows.Dispose();
        foreach (var sort in _reports)
        {
            sort?.Dispose();
        }
    }

    /// <summary>A threat without dates ages from its receipt; a date ahead of that would make it the newest for good.</summary>
    private static long LastOf(Threat threat, DateTimeOffset received) =>
        Math.Min((threat.LastPublished ?? threat.FirstPublished ?? received).ToUnixTimeMilliseconds(), received.ToUnixTimeMilliseconds());

    private uint FeedsWanting(Threat threat, long last)
    {
        var wanting = 0u;
        for (var feed = 0; feed < _feeds.Length; feed++)
        {
            var wanted = _feeds[feed].Wanted;
            if (wanted.Products.Contains(threat.Id.Type)
                && (!threat.Withdrawn || !wanted.Retract)
                && (wanted.RetentionDays == 0 || last >= _now.AddDays(-wanted.RetentionDays).ToUnixTimeMilliseconds()))
            {
                wanting |= 1u << feed;
            }
        }

        return wanting;
    }

    private static uint CarriersOf(IndicatorKind kind, FeedSettings[] feeds)
    {
        var carriers = 0u;
        for (var feed = 0; feed < feeds.Length; feed++)
        {
            carriers |= feeds[feed].Kinds.Contains(kind) ? 1u << feed : 0;
        }

        return carriers;
    }

    /// <summary>Which feeds take a record; what they do not take is counted.</summary>
    private uint TakersOf(IndicatorRecord record, Impact? impact, uint wanting, PreparedRows prepared, List<(IndicatorRecord, Impact?)>?[] reported)
    {
        // What is unsafe is so for all feeds, and looked at only for a kind that one of them carries.
        var carriers = _carriers[(int)record.Kind] & wanting;
        var unsafeReason = carriers == 0 ? null
            : _rule.Decide(record).Reason ?? (ControlCharacters.AreIn(record.Value) || record.Value.AsSpan().ContainsAny('\r', '\n') ? LeftOutReason.Malformed : null);
        var takers = 0u;
        for (var feed = 0; feed < _feeds.Length; feed++)
        {
            if ((wanting & (1u << feed)) == 0)
            {
                continue;
            }

            var settings = _feeds[feed];
            var share = prepared.Shares[feed]!;
            share.Offered(record.Kind);
            if ((carriers & (1u << feed)) == 0)
            {
                share.NotCarried(record.Kind);
            }
            else if ((record.Corollary && !settings.Wanted.IncludeCorollary ? LeftOutReason.Corollary
                : record.IsBenign && !settings.SaysImpact ? LeftOutReason.Benign
                : unsafeReason ?? _allowRules[feed]?.Decide(record).Reason) is LeftOutReason reason)
            {
                share.Leave(record.Kind, reason);
            }
            else if (settings.Reports?.Takes(record) == false)
            {
                share.Leave(record.Kind, LeftOutReason.Malformed);
            }
            else if (settings.Wanted.MinimumImpact is not Impact least || impact >= least)
            {
                share.Delivered(record.Kind);
                if (settings.Reports is not null && settings.ReportKinds.Contains(record.Kind))
                {
                    (reported[feed] ??= []).Add((record, impact));
                }

                takers |= settings.Files.Count > 0 ? 1u << feed : 0;
            }
        }

        return takers;
    }

    /// <summary>All feeds write a batch at the same time, while the next one is merged.</summary>
    private void WriteRows(List<FeedOutput> outputs, CancellationToken cancellationToken)
    {
        var rows = new SortedRows(_rows);
        var batch = new RowBatch();
        var next = new RowBatch();
        rows.Fill(batch);
        while (!batch.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            AtOnce(outputs.Count + 1, part =>
            {
                if (part == 0)
                {
                    rows.Fill(next);
                }
                else
                {
                    batch.Write(part - 1, outputs[part - 1]);
                }
            });
            (batch, next) = (next, batch);
        }
    }

    /// <summary>Does several things on all processors, each taking the next that is left. What one of them throws comes out as it is.</summary>
    private static void AtOnce(int parts, Action<int> work)
    {
        var next = -1;
        try
        {
            Parallel.For(0, Math.Min(parts, Environment.ProcessorCount), _ =>
            {
                for (var part = Interlocked.Increment(ref next); part < parts; part = Interlocked.Increment(ref next))
                {
                    work(part);
                }
            });
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }

    private PhishMeException NoRoom(IOException exception) =>
        new(Faults.OutputFailed, $"The temporary files of the feeds cannot be used: {exception.Message}", _temporaryFolder, exception);
}
