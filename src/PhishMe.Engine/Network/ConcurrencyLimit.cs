namespace PhishMe.Engine.Network;

/// <summary>
/// How many requests may be in flight, found from what happens to them. The limit doubles while answers come as fast as before, then creeps; it
/// stops where a few requests wait in the host's queue, and stays below the number at which the host breaks down.
/// </summary>
/// <remarks>
/// Pure: time is an argument. Not for concurrent use. The idea is that of TCP: slow start, then a look at the queue (as TCP Vegas takes it), and a
/// level that failed is tried again only after a while (as CUBIC does).
/// </remarks>
internal sealed class ConcurrencyLimit
{
    /// <summary>Without knowledge of the host.</summary>
    public const int Start = 4;

    /// <summary>Up to this many times the baseline nothing is said to wait; more where latencies scatter.</summary>
    private const double Tolerance = 1.2;

    /// <summary>Requests that may wait in the host's queue: with fewer the limit grows, with more it shrinks.</summary>
    private const double FewestQueued = 1;
    private const double MostQueued = 3;

    /// <summary>Shrinking that brings less than this part of what it should bring did not meet the cause.</summary>
    private const double SmallestRelief = 0.3;

    private const int AnswersBeforeProbe = 200;

    private static readonly TimeSpan FirstProbe = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LastProbe = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, LatencyBaseline> _baselines = new(StringComparer.Ordinal);
    private readonly OverloadDetector _sense = new();
    private readonly int _most;
    private double _limit;
    private bool _slowStart;

    // The round: answers to requests that began since the limit last changed.
    private int _answers;
    private double _load;
    private double _loadSquares;
    private double _latency;
    private int _widest;
    private double _scatter;

    // The look: a round at half the limit, to see how fast the host is at ease.
    private TimeSpan? _nextLook;
    private double? _limitAfterLook;

    // The last shrinking: from which limit, and how slow answers were then.
    private (double Limit, double Load)? _shrunk;

    // What failed.
    private int? _bad;
    private TimeSpan _probeAt;
    private TimeSpan _probeAfter = FirstProbe;
    private int _answersSinceFailure;

    /// <param name="most">Never more than this.</param>
    /// <param name="learnt">Where an earlier run ended; null when the host is new.</param>
    public ConcurrencyLimit(int most, double? learnt = null)
    {
        _most = most;
        _limit = Math.Clamp(learnt ?? Start, 1, most);
        _slowStart = learnt is null;
    }

    /// <summary>Requests that may be in flight now.</summary>
    public int Current => Math.Max(1, (int)(_limit + 1e-9));

    /// <summary>The limit worth remembering: not the half that a look takes.</summary>
    public double Learnt => _limitAfterLook ?? _limit;

    /// <summary>Whether anything was found out.</summary>
    public bool HasLearnt { get; private set; }

    /// <summary>Counts the changes of the limit; a request carries the number under which it began.</summary>
    public int Epoch { get; private set; }

    /// <summary>Enough for a mean: answers scatter, and the first rounds say least.</summary>
    private int RoundLength => _slowStart || _limitAfterLook is not null ? Math.Max(4, Current) : Math.Max(10, 2 * Current);

    /// <summary>A request was answered.</summary>
    /// <param name="kind">Requests of one kind are answered equally fast by a host at ease.</param>
    /// <param name="latency">From the request to the head of the answer.</param>
    /// <param name="epoch">The <see cref="Epoch"/> when it began.</param>
    /// <param name="inFlight">Requests in flight when it began, itself included.</param>
    /// <param name="now">Time since a fixed moment.</param>
    public void Answered(string kind, TimeSpan latency, int epoch, int inFlight, TimeSpan now)
    {
        _answersSinceFailure++;
        _sense.Answered();
        if (epoch != Epoch)
        {
            return;
        }

        if (!_baselines.TryGetValue(kind, out var baseline))
        {
            _baselines.Add(kind, baseline = new LatencyBaseline());
        }

        var load = baseline.Add(latency.TotalSeconds);
        _load += load;
        _loadSquares += load * load;
        _latency += latency.TotalSeconds;
        _widest = Math.Max(_widest, inFlight);
        _answers++;
        if (_answers >= RoundLength)
        {
            EndRound(now);
        }
    }

    /// <summary>A request failed as they do when a host has too much to do.</summary>
    /// <param name="epoch">The <see cref="Epoch"/> when it began.</param>
    /// <param name="inFlight">Requests in flight when it began, itself included.</param>
    /// <param name="now">Time since a fixed moment.</param>
    public void Failed(int epoch, int inFlight, TimeSpan now)
    {
        if (epoch != Epoch)
        {
            // Of the same breakdown as the last cut: the smallest number that failed says most.
            if (_bad is int known && inFlight < known && !_sense.IsUnrelated)
            {
                _bad = inFlight;
                SetLimit(Math.Max(1, Math.Min(_limit, inFlight - 1)));
            }

            return;
        }

        var goBackTo = _sense.Failed(inFlight, _bad);
        if (goBackTo is int level)
        {
            _bad = null;
            SetLimit(Math.Max(_limit, level));
            return;
        }

        if (_sense.IsUnrelated)
        {
            return;
        }

        var isAgain = _bad is int bad && inFlight >= bad && inFlight <= bad + 1;
        var isLower = _bad is int higher && inFlight < higher;
        _probeAfter = isAgain ? Min(_probeAfter * 2, LastProbe) : FirstProbe;
        _probeAt = now + _probeAfter;
        _answersSinceFailure = 0;
        _bad = inFlight;
        _slowStart = false;
        _limitAfterLook = null;
        HasLearnt = true;
        SetLimit(Math.Max(1, isLower ? Math.Min(inFlight - 1, inFlight * 0.85) : inFlight - 1));
    }

    private void EndRound(TimeSpan now)
    {
        var load = _load / _answers;
        var variance = Math.Max(0, (_loadSquares / _answers) - (load * load));
        _scatter += (Math.Min(2, Math.Sqrt(variance) / load) - _scatter) * 0.3;
        var latency = TimeSpan.FromSeconds(_latency / _answers);
        var isFull = _widest >= Current;
        if (_limitAfterLook is double before)
        {
            // Half as many did not help: it is the host that became slower.
            EndBaselines(IsRelief(load) ? 0.25 : 1);
            _shrunk = null;
            _limitAfterLook = null;
            _nextLook = now + Max(BetweenLooks, latency * 100);
            SetLimit(before);
            return;
        }

        if (_shrunk is not null)
        {
            var isRelief = IsRelief(load);
            EndBaselines(isRelief ? 0 : 1);
            load = isRelief ? load : 1;
            _shrunk = null;
        }
        else
        {
            EndBaselines(0);
        }

        _nextLook ??= now + Max(FirstLook, latency * 20);
        if (now >= _nextLook && _limit > 1 && isFull)
        {
            _limitAfterLook = _limit;
            _shrunk = (_limit, load);
            SetLimit(Math.Max(1, _limit / 2));
        }
        else
        {
            Adapt(load, isFull, now);
        }
    }

    private bool IsRelief(double load) =>
        _shrunk is not var (limit, before) || load <= before * (1 - (SmallestRelief * (1 - (Current / limit))));

    private void EndBaselines(double towardsSlower)
    {
        foreach (var baseline in _baselines.Values)
        {
            baseline.EndRound(towardsSlower);
        }
    }

    private void Adapt(double load, bool isFull, TimeSpan now)
    {
        HasLearnt |= isFull;
        var tolerance = Tolerance + (2 * _scatter / Math.Sqrt(RoundLength));
        var queued = _limit * (1 - (tolerance / Math.Max(load, tolerance)));
        if (queued > MostQueued || (_slowStart && queued >= FewestQueued))
        {
            _slowStart = false;
            _shrunk = (_limit, load);
            SetLimit(Math.Max(1, Math.Max(_limit / 2, (_limit * tolerance / load) + FewestQueued)));
        }
        else if (isFull && queued < FewestQueued && _limit < _most)
        {
            var larger = _slowStart ? _limit * 2 : _limit + Math.Max(1, _limit / 8);
            SetLimit(BelowWhatFailed(larger, now));
        }
        else
        {
            BeginRound();
        }
    }

    private double BelowWhatFailed(double larger, TimeSpan now)
    {
        if (_bad is not int bad || larger < bad)
        {
            return larger;
        }

        if (now < _probeAt || _answersSinceFailure < AnswersBeforeProbe)
        {
            return Math.Max(_limit, bad - 1);
        }

        // Whole rounds were answered at the level that once failed: it does not fail any more.
        if (_limit >= bad)
        {
            _bad = null;
            return larger;
        }

        return bad;
    }

    private void SetLimit(double limit)
    {
        _limit = Math.Min(limit, _most);
        Epoch++;
        BeginRound();
    }

    private void BeginRound()
    {
        _answers = 0;
        _load = 0;
        _loadSquares = 0;
        _latency = 0;
        _widest = 0;
        foreach (var baseline in _baselines.Values)
        {
            baseline.Forget();
        }
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
