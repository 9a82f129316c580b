namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>What a product said about one item.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reference">The product's own id of it, for the ledger; null when it has none.</param>
internal readonly record struct ItemAnswer(SendOutcome Outcome, string? Reference = null)
{
    /// <summary>The product has it.</summary>
    public static ItemAnswer Accepted { get; } = new(SendOutcome.Accepted);

    /// <summary>Whether someone else put it there: it counts as delivered, but it is not ours to change or to take back.</summary>
    public bool IsForeign { get; init; }

    /// <summary>When the product drops it by itself, or when it is to be looked at again; null for what <see cref="IHttpProfile.Lifetime"/> says.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public static ItemAnswer Rejected(string reason) => new(SendOutcome.Rejected(reason));
}
