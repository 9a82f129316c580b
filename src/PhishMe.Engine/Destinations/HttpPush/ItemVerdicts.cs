namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>
/// A batch whose items were judged one by one inside an answer of success. When all of them, or most of many, are refused with the same words, a setting is
/// more likely to blame than the items: then the batch counts as refused, and who is to blame is found as for any other batch.
/// </summary>
internal static class ItemVerdicts
{
    /// <summary>Fewer refusals than this become dead letters at once when other items were accepted.</summary>
    private const int Many = 10;

    /// <param name="answers">One for each item, in order.</param>
    /// <param name="clock">Our clock.</param>
    public static BatchAnswer Of(IReadOnlyList<ItemAnswer> answers, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(answers);
        ArgumentNullException.ThrowIfNull(clock);
        var alike = answers.Where(IsRejected).CountBy(answer => answer.Outcome.Reason).OrderByDescending(reason => reason.Value).FirstOrDefault();
        if (alike.Value == answers.Count)
        {
            return new BatchAnswer.Refused(alike.Key);
        }

        if (alike.Value < Many || alike.Value * 2 <= answers.Count)
        {
            return new BatchAnswer.Judged(answers);
        }

        // What was accepted is settled; the others come again at once, this time among themselves.
        var later = new ItemAnswer(SendOutcome.Retry(clock.GetUtcNow(), alike.Key));
        return new BatchAnswer.Judged([.. answers.Select(answer => IsRejected(answer) && answer.Outcome.Reason == alike.Key ? later : answer)]);
    }

    private static bool IsRejected(ItemAnswer answer) => answer.Outcome.Kind == SendOutcomeKind.Rejected;
}
