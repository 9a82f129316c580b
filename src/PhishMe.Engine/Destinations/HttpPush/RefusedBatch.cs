namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>
/// A batch was refused as a whole: finds the items that are to blame, or finds that it is the destination. What is good is delivered on the way. One object
/// serves one run, because what was accepted before says who is to blame.
/// </summary>
/// <param name="send">Sends some of the items.</param>
/// <param name="stopped">Says that the destination is at fault: the product's words become the reason.</param>
/// <param name="recognizesRepeats">Whether an item that is sent twice is there once.</param>
internal sealed class RefusedBatch(
    Func<IReadOnlyList<PushItem>, CancellationToken, Task<BatchAnswer>> send,
    Func<string, TargetStoppedException> stopped,
    bool recognizesRepeats)
{
    /// <summary>Items in a row that are refused alone and alike before any was accepted: then no item is to blame.</summary>
    private const int EnoughBeforeAnyWasAccepted = 3;

    /// <summary>The same after others were accepted: a setting that changed in between.</summary>
    private const int EnoughAfterOthersWereAccepted = 10;

    private bool _hasAccepted;
    private string? _words;
    private int _alike;

    /// <summary>The product took something.</summary>
    public void NoteAccepted()
    {
        _hasAccepted = true;
        _alike = 0;
    }

    /// <summary>Finds the answer for each item of a batch that was refused once.</summary>
    /// <param name="items">The batch.</param>
    /// <param name="refusal">What the product said.</param>
    /// <param name="answers">Filled as they become known, also when it ends with an exception.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="TargetStoppedException">The destination is to blame, and nothing becomes a dead letter; or it takes nothing more.</exception>
    public Task JudgeAsync(IReadOnlyList<PushItem> items, BatchAnswer.Refused refusal, ItemAnswer?[] answers, CancellationToken cancellationToken) =>
        SplitAsync(items, new ItemRange(0, items.Count), refusal, answers, cancellationToken);

    /// <returns>Whether all of them were accepted.</returns>
    private async Task<bool> SendAsync(IReadOnlyList<PushItem> items, ItemRange range, ItemAnswer?[] answers, CancellationToken cancellationToken)
    {
        if (range.Count <= 0)
        {
            return true;
        }

        switch (await send([.. items.Skip(range.First).Take(range.Count)], cancellationToken).ConfigureAwait(false))
        {
            case BatchAnswer.Judged judged:
                for (var i = 0; i < range.Count; i++)
                {
                    answers[range.First + i] = judged.Answers[i];
                }

                if (judged.Answers.Any(answer => answer.Outcome.Kind == SendOutcomeKind.Accepted))
                {
                    NoteAccepted();
                }

                return judged.Answers.All(answer => answer.Outcome.Kind == SendOutcomeKind.Accepted);
            case BatchAnswer.Refused refused:
                await SplitAsync(items, range, refused, answers, cancellationToken).ConfigureAwait(false);
                return false;
            case var unknown:
                throw new InvalidOperationException($"There is no rule for {unknown.GetType().Name}.");
        }
    }

    private async Task SplitAsync(
        IReadOnlyList<PushItem> items, ItemRange range, BatchAnswer.Refused refusal, ItemAnswer?[] answers, CancellationToken cancellationToken)
    {
        if (range.Count == 1)
        {
            answers[range.First] = ItemAnswer.Rejected(refusal.Reason);
            BlameDestination(refusal, answers);
        }
        else if (!recognizesRepeats && !refusal.IsAboutItem)
        {
            await SplitAtSuspectAsync(items, range, refusal.Suspect, answers, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            // Two single items first: they tell a bad item from a bad destination before hundreds of calls do.
            var left = range with { Count = range.Count / 2 };
            var right = range.From(left.Count);
            await SendAsync(items, left with { Count = 1 }, answers, cancellationToken).ConfigureAwait(false);
            await SendAsync(items, right with { Count = 1 }, answers, cancellationToken).ConfigureAwait(false);
            await SendAsync(items, left.From(1), answers, cancellationToken).ConfigureAwait(false);
            await SendAsync(items, right.From(1), answers, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The product reads items in turn and stops at the bad one: those before it may be stored already, those behind it were not looked at. The suspect and
    /// its neighbour are sent alone. When that proves the suspect, what stood before is good and goes a second time; when it does not, everything goes
    /// alone, so that nothing goes a third time.
    /// </summary>
    private async Task SplitAtSuspectAsync(
        IReadOnlyList<PushItem> items, ItemRange range, int? suspect, ItemAnswer?[] answers, CancellationToken cancellationToken)
    {
        var isProven = false;
        var (first, behind) = (0, 0);
        if (suspect is int number)
        {
            behind = Math.Clamp(number, 0, range.Count - 1) + 1;
            first = Math.Max(0, behind - 2);
            for (var i = first; i < behind; i++)
            {
                isProven |= !await SendAsync(items, new ItemRange(range.First + i, 1), answers, cancellationToken).ConfigureAwait(false);
            }
        }

        if (isProven)
        {
            await SendAsync(items, range with { Count = first }, answers, cancellationToken).ConfigureAwait(false);
            await SendAsync(items, range.From(behind), answers, cancellationToken).ConfigureAwait(false);
            return;
        }

        for (var i = 0; i < range.Count; i++)
        {
            if (answers[range.First + i] is null)
            {
                await SendAsync(items, new ItemRange(range.First + i, 1), answers, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void BlameDestination(BatchAnswer.Refused refusal, ItemAnswer?[] answers)
    {
        if (refusal.IsAboutItem)
        {
            return;
        }

        _alike = refusal.Reason == _words ? _alike + 1 : 1;
        _words = refusal.Reason;
        if (_alike < (_hasAccepted ? EnoughAfterOthersWereAccepted : EnoughBeforeAnyWasAccepted))
        {
            return;
        }

        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i] is { Outcome: { Kind: SendOutcomeKind.Rejected, Reason: var reason } } && reason == refusal.Reason)
            {
                answers[i] = null;
            }
        }

        throw stopped(refusal.Reason);
    }

    /// <summary>A part of the batch.</summary>
    private readonly record struct ItemRange(int First, int Count)
    {
        public ItemRange From(int items) => new(First + items, Count - items);
    }
}
