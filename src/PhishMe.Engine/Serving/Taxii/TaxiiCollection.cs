using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>What readers choose from: everything, or one product from an impact on, for those that cannot filter.</summary>
internal sealed record TaxiiCollection
{
    /// <summary>Its number in the store. Never change it.</summary>
    public required int Number { get; init; }

    /// <summary>What it is called in addresses, beside its id.</summary>
    public required string Alias { get; init; }

    /// <summary>The id; it follows from the alias.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    /// <summary>The product; null for both.</summary>
    public ThreatType? Type { get; init; }

    /// <summary>The lowest impact of an indicator; null for all, also benign ones.</summary>
    public Impact? MinimumImpact { get; init; }

    /// <summary>The bit of this collection.</summary>
    public int Bit => 1 << Number;
}
