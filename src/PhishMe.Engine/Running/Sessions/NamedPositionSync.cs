using System.Globalization;
using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Running.Sessions;

/// <summary>
/// A sync for a consumer that may stop anywhere. Its position is the cursor of the last batch that was taken whole, and which threats of the next one were
/// taken, with their content: a threat that changed since is handed over again.
/// </summary>
internal sealed class NamedPositionSync : IThreatSync
{
    /// <summary>How many threats handed over before the cursor are remembered.</summary>
    private const int RemembersRecent = 1000;

    /// <summary>How many that were missed are asked for again; the oldest give way.</summary>
    private const int RemembersMissed = 1000;

    /// <summary>Stands for the content of a threat that was withdrawn.</summary>
    private const string WithdrawnContent = "withdrawn";

    private readonly ThreatHqClient _client;
    private readonly EngineSettings _engine;
    private readonly ILogger _log;
    private readonly PositionShelf _shelf;
    private readonly RunLock _held;
    private readonly SyncStore? _store;
    private readonly Lock _gate = new();
    private readonly Dictionary<ThreatId, string> _inHand = [];
    private readonly OrderedDictionary<ThreatId, string> _taken;
    private readonly OrderedDictionary<ThreatId, string> _recent;
    private readonly List<DeadLetter> _missed;
    private readonly List<DeadLetter> _missedInHand = [];
    private StoredPosition _position;
    private bool _changed;
    private bool _disposed;

    public NamedPositionSync(ThreatHqClient client, EngineSettings engine, ILogger log, PositionShelf shelf, RunLock held, StoredPosition position, SyncStore? store)
    {
        _client = client;
        _engine = engine;
        _log = log;
        _shelf = shelf;
        _held = held;
        _store = store;
        _position = position;
        _taken = Parse(position.Taken);
        _recent = Parse(position.Recent);
        _missed =
        [
            .. position.Missed.Select(text => ThreatId.TryParse(text, null, out var id) ? (DeadLetterPlace)new ThreatPlace(id) : new OtherPlace(text))
                .Concat(position.MissedResults.Select(missed => missed.ToGap()))
                .Select(place => new DeadLetter { Place = place, Format = OutputFormat.Json, Reason = string.Empty }),
        ];
    }

    /// <summary>What an interactive sync is about. The page size never changes: a sync that goes on counts pages.</summary>
    public static SyncPlan PlanSince(DateTimeOffset since) => new()
    {
        Products = new HashSet<ThreatType> { ThreatType.Malware, ThreatType.Phish },
        Formats = new HashSet<OutputFormat> { OutputFormat.Json },
        InitialDate = since,
        ResultsPerPage = SessionSettings.ResultsPerPage,
        Concurrency = SessionSettings.PagesAhead,
    };

    public async IAsyncEnumerable<ThreatBatch> ReadAsync(
        IProgress<RunProgress>? progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cursor = await StartAsync(cancellationToken).WithFaultsAsync().ConfigureAwait(false);
        var plan = PlanSince(cursor.WindowBegin) with { KeepThreats = _store is not null };
        var fetcher = new RenditionFetcher(_client, plan, _log);
        // What earlier syncs missed, before anything new.
        var retry = new SetAsideRetry(_client, fetcher, plan, _log);
        await foreach (var batch in retry.ReadAsync(Missed(), cursor, cancellationToken).WithFaultsAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return await HandAsync(batch, cancellationToken).ConfigureAwait(false);
            Commit(batch);
        }

        if (cursor.Phase != SyncPhase.Following)
        {
            var backfill = new Backfill(_client, fetcher, plan, _log, progress);
            await foreach (var batch in backfill.ReadAsync(cursor, cancellationToken).WithFaultsAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return await HandAsync(batch, cancellationToken).ConfigureAwait(false);
                Commit(batch);
                cursor = batch.After;
            }
        }

        var changes = new Changes(_client, fetcher, plan, _engine.Clock, _log, progress);
        await foreach (var batch in changes.ReadAsync(cursor, cancellationToken).WithFaultsAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return await HandAsync(batch, cancellationToken).ConfigureAwait(false);
            Commit(batch);
        }
    }

    public void Take(Threat threat)
    {
        ArgumentNullException.ThrowIfNull(threat);
        lock (_gate)
        {
            if (_inHand.Remove(threat.Id, out var content))
            {
                Put(_taken, threat.Id, content);
                _changed = true;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            try
            {
                if (_changed)
                {
                    Save();
                }
            }
            finally
            {
                _store?.Dispose();
                _held.Dispose();
            }
        }
    }

    private async Task<SyncCursor> StartAsync(CancellationToken cancellationToken)
    {
        if (_position.Cursor is SyncCursor cursor)
        {
            return cursor;
        }

        // The server's clock: a wrong clock here must not cut the back catalogue short.
        await _client.PingAsync(cancellationToken).ConfigureAwait(false);
        var now = _engine.Clock.GetUtcNow() + (_client.ClockSkew ?? TimeSpan.Zero);
        var since = _position.Since ?? now;
        cursor = Backfill.Start(PlanSince(since < now ? since : now), now, generation: 1);
        lock (_gate)
        {
            _position = _position with { Cursor = cursor };
            // Before the first page: a sync that is stopped while it waits for it has started, and the next one goes on from here.
            if (!_disposed)
            {
                Save();
            }
        }

        return cursor;
    }

    private DeadLetter[] Missed()
    {
        lock (_gate)
        {
            return [.. _missed];
        }
    }

    private async Task<ThreatBatch> HandAsync(Batch batch, CancellationToken cancellationToken)
    {
        using (batch)
        {
            // Before anything is handed over: what the consumer has taken is stored, wherever it stops.
            IReadOnlyDictionary<ThreatId, Threat> withdrawn = new Dictionary<ThreatId, Threat>();
            if (_store is not null)
            {
                await _store.PutAsync(batch, cancellationToken).ConfigureAwait(false);
                withdrawn = await _store.GetWithdrawnAsync(batch.Withdrawn, cancellationToken).ConfigureAwait(false);
            }

            var threats = new List<Threat>(batch.Threats.Count + batch.Withdrawn.Count);
            var missed = new List<MissedThreat>(batch.SetAside.Select(MissedThreats.Of));
            lock (_gate)
            {
                _missedInHand.Clear();
                _missedInHand.AddRange(batch.SetAside);
                foreach (var unit in batch.Threats)
                {
                    var json = unit.Json!.Value;
                    var content = string.Create(CultureInfo.InvariantCulture, $"{json.Content.High:x16}");
                    if (IsTaken(unit.Id, content))
                    {
                        continue;
                    }

                    try
                    {
                        threats.Add(ThreatReader.Read(json.Bytes.ToArray()));
                        _inHand[unit.Id] = content;
                    }
                    catch (PhishMeException exception)
                    {
                        missed.Add(new MissedThreat { Subject = unit.Id.ToString(), Fault = exception.Fault });
                        _missedInHand.Add(new DeadLetter { Place = new ThreatPlace(unit.Id), Format = OutputFormat.Json, Reason = exception.Message });
                    }
                }

                foreach (var id in batch.Withdrawn)
                {
                    if (!IsTaken(id, WithdrawnContent))
                    {
                        threats.Add(withdrawn.GetValueOrDefault(id) ?? new Threat { Id = id, Withdrawn = true });
                        _inHand[id] = WithdrawnContent;
                    }
                }
            }

            return new ThreatBatch { Threats = threats, Missed = missed };
        }
    }

    private void Commit(Batch batch)
    {
        var after = batch.After;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            if (_inHand.Count > 0)
            {
                throw new InvalidOperationException("The next batch was requested before this one was taken.");
            }

            if (after != _position.Cursor)
            {
                // Behind the changes nothing is seen twice: a threat that turns up again has changed again.
                var followed = after.Position is not null && after.Position != _position.Cursor?.Position;
                foreach ((var id, var content) in _taken)
                {
                    Put(_recent, id, content);
                }

                _taken.Clear();
                while (_recent.Count > (followed ? 0 : RemembersRecent))
                {
                    _recent.RemoveAt(0);
                }
            }

            Remember(batch);
            _position = _position with { Cursor = after };
            _changed = true;
            Save();
        }
    }

    /// <summary>What came or was withdrawn is missed no more; what has neither id nor place cannot be asked for.</summary>
    private void Remember(Batch batch)
    {
        HashSet<DeadLetterPlace> settled =
        [
            .. batch.Threats.Select(unit => unit.Id).Concat(batch.Withdrawn).Select(id => new ThreatPlace(id)),
            .. batch.Healed.Concat(_missedInHand).Select(letter => letter.Place),
        ];
        _missed.RemoveAll(letter => settled.Contains(letter.Place));
        _missed.AddRange(_missedInHand.Where(letter => letter.Place is ThreatPlace or PositionGap));
        _missed.RemoveRange(0, Math.Max(0, _missed.Count - RemembersMissed));
    }

    private bool IsTaken(ThreatId id, string content) =>
        (_taken.TryGetValue(id, out var known) || _recent.TryGetValue(id, out known)) && known == content;

    private void Save()
    {
        _position = _position with
        {
            UpdatedAt = _engine.Clock.GetUtcNow(),
            Taken = Format(_taken),
            Recent = Format(_recent),
            Missed = [.. _missed.Select(letter => letter.Place).OfType<ThreatPlace>().Select(place => place.ToString())],
            MissedResults = [.. _missed.Select(letter => letter.Place).OfType<PositionGap>().Select(MissedResults.Of)],
        };
        _shelf.Save(_position);
        _changed = false;
    }

    private static void Put(OrderedDictionary<ThreatId, string> threats, ThreatId id, string content)
    {
        threats.Remove(id);
        threats.Add(id, content);
    }

    private static string[] Format(OrderedDictionary<ThreatId, string> threats) => [.. threats.Select(threat => $"{threat.Key} {threat.Value}")];

    private static OrderedDictionary<ThreatId, string> Parse(IReadOnlyList<string> lines)
    {
        var threats = new OrderedDictionary<ThreatId, string>(lines.Count);
        foreach (var line in lines)
        {
            var blank = line.IndexOf(' ', StringComparison.Ordinal);
            if (blank > 0 && ThreatId.TryParse(line.AsSpan(0, blank), null, out var id))
            {
                Put(threats, id, line[(blank + 1)..]);
            }
        }

        return threats;
    }
}
