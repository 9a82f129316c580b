namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>What a product said about a batch.</summary>
internal abstract record BatchAnswer
{
    private BatchAnswer()
    {
    }

    /// <summary>Every item was taken.</summary>
    public static BatchAnswer Accepted(int count) => new Judged([.. Enumerable.Repeat(ItemAnswer.Accepted, count)]);

    /// <summary>Each item was judged by itself.</summary>
    /// <param name="Answers">One for each item, in order.</param>
    internal sealed record Judged(IReadOnlyList<ItemAnswer> Answers) : BatchAnswer;

    /// <summary>It was taken, but it is delivered only when the product confirms it.</summary>
    /// <param name="Receipt">What to ask by.</param>
    internal sealed record Pending(string Receipt) : BatchAnswer;

    /// <summary>The batch as a whole was refused, because of one of its items or because of the destination.</summary>
    /// <param name="Reason">The product's words, without secrets.</param>
    /// <param name="Suspect">The item that the product names, counted from 0 or from 1; null when it names none.</param>
    internal sealed record Refused(string Reason, int? Suspect = null) : BatchAnswer
    {
        /// <summary>Whether it can only be the item, not a setting: it is too large, for example.</summary>
        public bool IsAboutItem { get; init; }
    }
}
