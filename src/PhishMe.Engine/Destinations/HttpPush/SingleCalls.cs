namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>
/// A batch for a product that takes one thing at a time: item by item, in order. What was answered counts even when the product fails in the middle. A
/// product that refuses one item after the other with the same words is not asked about thousands: the batch counts as refused, and who is to blame is
/// found as for any other batch.
/// </summary>
internal static class SingleCalls
{
    /// <summary>Refusals in a row and alike, before anything was accepted.</summary>
    private const int EnoughAlike = 3;

    /// <summary>Sends a batch.</summary>
    /// <param name="items">The batch.</param>
    /// <param name="send">Sends one item.</param>
    /// <param name="clock">Our clock.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="TargetStoppedException">Nothing more can be delivered, and nothing was.</exception>
    public static async Task<BatchAnswer> SendAsync(
        IReadOnlyList<PushItem> items, Func<PushItem, CancellationToken, Task<BatchAnswer>> send, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(send);
        ArgumentNullException.ThrowIfNull(clock);
        var answers = new List<ItemAnswer>(items.Count);
        BatchAnswer.Refused? alike = null;
        var isAlike = true;
        foreach (var item in items)
        {
            BatchAnswer answer;
            try
            {
                answer = await send(item, cancellationToken).ConfigureAwait(false);
            }
            catch (TargetStoppedException exception) when (answers.Count > 0 && !(isAlike && alike is not null))
            {
                // What is left comes again at once, and meets the same end if the product is still failing.
                var later = new ItemAnswer(SendOutcome.Retry(clock.GetUtcNow(), exception.Fault.Message));
                answers.AddRange(Enumerable.Repeat(later, items.Count - answers.Count));
                return new BatchAnswer.Judged(answers);
            }

            switch (answer)
            {
                case BatchAnswer.Judged judged:
                    answers.Add(judged.Answers[0]);
                    isAlike = false;
                    break;
                case BatchAnswer.Refused refused:
                    answers.Add(ItemAnswer.Rejected(refused.Reason));
                    isAlike &= !refused.IsAboutItem && (alike ?? refused).Reason == refused.Reason;
                    alike = refused;
                    break;
            }

            if (isAlike && alike is not null && (answers.Count == items.Count || answers.Count == EnoughAlike))
            {
                return alike;
            }
        }

        return new BatchAnswer.Judged(answers);
    }
}
