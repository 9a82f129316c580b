namespace PhishMe.Engine.Serving.Taxii;

/// <summary>Which objects of a collection a reader wants (TAXII 2.1, 3.4). The store has the last version of each object, which is then also the first.</summary>
internal sealed record TaxiiFilter
{
    /// <summary>What is added at any time.</summary>
    public static TaxiiFilter None { get; } = new();

    /// <summary>Added later than this, epoch milliseconds; null for all.</summary>
    public long? AddedAfter { get; init; }

    /// <summary>The ids; empty for all.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];

    /// <summary>The types; empty for all.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>The versions by their time; empty for the last one, which is the only one there is.</summary>
    public IReadOnlyList<long> Versions { get; init; } = [];

    /// <summary>Whether objects of STIX 2.1 are wanted.</summary>
    public bool TakesSpecification { get; init; } = true;

    /// <summary>Whether an object is wanted.</summary>
    public bool Takes(ServedObject served)
    {
        ArgumentNullException.ThrowIfNull(served);
        return TakesSpecification
            && (AddedAfter is not long after || served.Added > after)
            && (Ids.Count == 0 || Ids.Contains(served.Id, StringComparer.OrdinalIgnoreCase))
            && (Types.Count == 0 || Contains(Types, served.Type))
            && (Versions.Count == 0 || (TaxiiTime.Read(served.Version) is long version && Versions.Contains(version)));
    }

    private static bool Contains(IReadOnlyList<string> types, ReadOnlySpan<char> type)
    {
        foreach (var wanted in types)
        {
            if (type.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
