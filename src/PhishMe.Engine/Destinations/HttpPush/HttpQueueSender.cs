using System.Runtime.CompilerServices;
using PhishMe.Engine.Network;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>Sends the items of one destination to a product over HTTP: the one sender of all such products.</summary>
internal sealed class HttpQueueSender : IQueueSender, IPacedHost
{
    private readonly HttpTarget _target;
    private readonly IHttpProfile _profile;
    private readonly PushLedger? _ledger;
    private readonly RefusedBatch _refusals;
    private readonly TimeProvider _clock;
    private readonly Action<string>? _step;
    private readonly TimeSpan _firstRest;
    private bool _isPrepared;
    private Fault? _stopped;
    private TimeSpan _rest;
    private DateTimeOffset _restsUntil;

    /// <param name="target">The product.</param>
    /// <param name="profile">What is particular to it.</param>
    /// <param name="ledger">What it has of us; not used for a product that keeps no state.</param>
    /// <param name="firstRest">How long a product that failed is left alone within this run.</param>
    /// <param name="clock">Our clock.</param>
    /// <param name="step">Hears the name of each step: the seam at which tests end a run. Null in production.</param>
    public HttpQueueSender(HttpTarget target, IHttpProfile profile, IDestinationLedger ledger, TimeSpan firstRest, TimeProvider clock, Action<string>? step = null)
    {
        _target = target;
        _profile = profile;
        _ledger = profile.KeepsState ? new PushLedger(ledger, profile, clock) : null;
        _clock = clock;
        _step = step;
        _firstRest = _rest = firstRest;
        _refusals = new RefusedBatch(
            SendAndConfirmAsync,
            reason => target.Misconfigured($"{target.Host} refuses every item alike: {reason}"),
            profile.RecognizesRepeats);
    }

    public QueueBatch LargestBatch => _profile.LargestBatch is var one && one.Bytes < long.MaxValue / _profile.BatchesAtOnce
        ? new QueueBatch(one.Count * _profile.BatchesAtOnce, one.Bytes * _profile.BatchesAtOnce)
        : one with { Count = one.Count * _profile.BatchesAtOnce };

    public string Host => _target.Host;

    public LearntPace? Pace => _target.Pace;

    public void StartFrom(LearntPace learnt) => _target.StartFrom(learnt);

    /// <inheritdoc/>
    public async Task<SendResult> SendAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (_stopped is Fault fault && _clock.GetUtcNow() < _restsUntil)
        {
            return new SendResult { Outcomes = [], Failure = fault };
        }

        try
        {
            if (!_isPrepared)
            {
                await _profile.PrepareAsync(_target, cancellationToken).ConfigureAwait(false);
                _isPrepared = true;
            }

            var chosen = _ledger is null
                ? [.. items.Select((item, place) => (place, new PushItem(item)))]
                : await _ledger.ChooseAsync(items, cancellationToken).ConfigureAwait(false);
            return await SendChosenAsync(items, chosen, cancellationToken).ConfigureAwait(false);
        }
        catch (TargetStoppedException exception)
        {
            return new SendResult { Outcomes = [], Failure = Stop(exception.Fault) };
        }
    }

    public async IAsyncEnumerable<CheckResult> CheckAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var results = _profile.CheckAsync(_target, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var closing = results.ConfigureAwait(false);
        while (true)
        {
            CheckResult result;
            try
            {
                if (!await results.MoveNextAsync().ConfigureAwait(false))
                {
                    yield break;
                }

                result = results.Current;
            }
            catch (TargetStoppedException exception)
            {
                result = new CheckResult { Subject = _target.Section, Outcome = CheckOutcome.Fail, Message = exception.Fault.Message };
            }

            yield return result;
            if (result.Outcome == CheckOutcome.Fail)
            {
                yield break;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _target.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<SendResult> SendChosenAsync(
        IReadOnlyList<QueueItem> items, IReadOnlyList<(int Place, PushItem Item)> chosen, CancellationToken cancellationToken)
    {
        PushItem[] sent = [.. chosen.Select(choice => choice.Item)];
        var answers = new ItemAnswer?[sent.Length];
        Fault? failure = null;
        try
        {
            await AnswerAsync(sent, answers, cancellationToken).ConfigureAwait(false);
        }
        catch (TargetStoppedException exception)
        {
            failure = Stop(exception.Fault);
        }

        _step?.Invoke("http-sent");
        if (_ledger is not null)
        {
            await _ledger.RecordAsync(
                sent.Zip(answers).Where(pair => pair.Second is not null).Select(pair => (pair.First, pair.Second!.Value)), cancellationToken).ConfigureAwait(false);
            _step?.Invoke("http-recorded");
        }

        if (failure is null)
        {
            (_stopped, _rest) = (null, _firstRest);
        }

        return Outcomes(items.Count, chosen, answers, failure) with { Warning = _target.TakeWarning() };
    }

    /// <summary>Fills in the answers, as far as they become known.</summary>
    /// <exception cref="TargetStoppedException">The rest stays unknown.</exception>
    private async Task AnswerAsync(PushItem[] sent, ItemAnswer?[] answers, CancellationToken cancellationToken)
    {
        PushItem[] fresh = _ledger is null ? [] : [.. sent.Where(item => item.Known is null && !item.IsRetraction)];
        var foreign = fresh.Length == 0 ? null : await _profile.FindForeignAsync(_target, fresh, cancellationToken).ConfigureAwait(false);
        int[] places = [.. Enumerable.Range(0, sent.Length)];
        if (foreign is not null)
        {
            foreach (var place in places.Where(place => sent[place] is { IsRetraction: false, Known: null } && foreign.Contains(sent[place].Key)))
            {
                answers[place] = ItemAnswer.Accepted with { IsForeign = true };
            }

            places = [.. places.Where(place => answers[place] is null)];
        }

        if (_ledger is not null)
        {
            await _ledger.IntendAsync(places.Select(place => sent[place]), cancellationToken).ConfigureAwait(false);
        }

        var waiting = new List<(int[] Places, string Receipt)>();
        try
        {
            foreach (var batch in InBatches(places, sent))
            {
                await AnswerAsync(batch, sent, answers, waiting, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await ConfirmAsync(waiting, answers, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(
        int[] places, PushItem[] sent, ItemAnswer?[] answers, List<(int[] Places, string Receipt)> waiting, CancellationToken cancellationToken)
    {
        PushItem[] batch = [.. places.Select(place => sent[place])];
        var part = new ItemAnswer?[batch.Length];
        try
        {
            switch (await _profile.SendAsync(_target, batch, cancellationToken).ConfigureAwait(false))
            {
                case BatchAnswer.Judged judged:
                    for (var i = 0; i < part.Length; i++)
                    {
                        part[i] = judged.Answers[i];
                    }

                    if (judged.Answers.Any(answer => answer.Outcome.Kind == SendOutcomeKind.Accepted))
                    {
                        _refusals.NoteAccepted();
                    }

                    break;
                case BatchAnswer.Pending pending:
                    waiting.Add((places, pending.Receipt));
                    _refusals.NoteAccepted();
                    break;
                case BatchAnswer.Refused refused:
                    await _refusals.JudgeAsync(batch, refused, part, cancellationToken).ConfigureAwait(false);
                    break;
            }
        }
        finally
        {
            for (var i = 0; i < part.Length; i++)
            {
                answers[places[i]] = part[i];
            }
        }
    }

    /// <summary>Parts of a refused batch are confirmed at once: what they were decides how to go on.</summary>
    private async Task<BatchAnswer> SendAndConfirmAsync(IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
    {
        var answer = await _profile.SendAsync(_target, items, cancellationToken).ConfigureAwait(false);
        if (answer is not BatchAnswer.Pending pending)
        {
            return answer;
        }

        var confirmed = await _profile.ConfirmAsync(_target, [pending.Receipt], cancellationToken).ConfigureAwait(false);
        return confirmed.Contains(pending.Receipt) ? BatchAnswer.Accepted(items.Count) : throw NotConfirmed(items.Count);
    }

    private async Task ConfirmAsync(List<(int[] Places, string Receipt)> waiting, ItemAnswer?[] answers, CancellationToken cancellationToken)
    {
        if (waiting.Count == 0)
        {
            return;
        }

        var confirmed = await _profile.ConfirmAsync(_target, [.. waiting.Select(batch => batch.Receipt)], cancellationToken).ConfigureAwait(false);
        var missing = 0;
        foreach (var (places, receipt) in waiting)
        {
            var isThere = confirmed.Contains(receipt);
            missing += isThere ? 0 : places.Length;
            foreach (var place in places)
            {
                answers[place] = isThere ? ItemAnswer.Accepted : null;
            }
        }

        if (missing > 0)
        {
            throw NotConfirmed(missing);
        }
    }

    private TargetStoppedException NotConfirmed(int items) => _target.Misconfigured(FormattableString.Invariant(
        $"{_target.Host} took {items} item(s) but did not confirm in time that it has them. They stay queued. Check the settings in [{_target.Section}] and the product."));

    /// <summary>Cut by lot, by count, and by bytes before compression; one item that is larger than the bytes goes alone.</summary>
    private IEnumerable<int[]> InBatches(int[] places, PushItem[] sent)
    {
        var most = _profile.LargestBatch;
        foreach (var lot in places.GroupBy(place => _profile.LotOf(sent[place])))
        {
            var batch = new List<int>();
            var bytes = 0L;
            foreach (var place in lot)
            {
                var size = sent[place].Payload.Length;
                if (batch.Count > 0 && (batch.Count == most.Count || bytes + size > most.Bytes))
                {
                    yield return [.. batch];
                    batch.Clear();
                    bytes = 0;
                }

                batch.Add(place);
                bytes += size;
            }

            yield return [.. batch];
        }
    }

    /// <summary>What was not sent needed no sending; what has no answer stays in the queue.</summary>
    private SendResult Outcomes(int count, IReadOnlyList<(int Place, PushItem Item)> chosen, ItemAnswer?[] answers, Fault? failure)
    {
        if (failure is not null && !Array.Exists(answers, answer => answer is not null) && chosen.Count == count)
        {
            return new SendResult { Outcomes = [], Failure = failure };
        }

        var outcomes = new SendOutcome[count];
        Array.Fill(outcomes, SendOutcome.Accepted);
        for (var i = 0; i < answers.Length; i++)
        {
            outcomes[chosen[i].Place] = answers[i]?.Outcome ?? SendOutcome.Retry(_clock.GetUtcNow(), failure?.Message ?? string.Empty);
        }

        return new SendResult { Outcomes = outcomes, Failure = failure };
    }

    /// <summary>A circuit: what failed is not asked again for a while, and what refuses us is not asked again in this run.</summary>
    private Fault Stop(Fault fault)
    {
        _stopped = fault;
        if (fault.Kind == Faults.DestinationUnavailable)
        {
            _restsUntil = _clock.GetUtcNow() + _rest;
            _rest *= 2;
        }
        else
        {
            _restsUntil = DateTimeOffset.MaxValue;
        }

        return fault;
    }
}
