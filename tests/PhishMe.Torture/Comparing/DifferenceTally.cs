namespace PhishMe.Torture.Comparing;

/// <summary>Differences by kind: how many there are, and where the first one is.</summary>
internal sealed class DifferenceTally
{
    private readonly SortedDictionary<string, (int Count, string First)> _kinds = new(StringComparer.Ordinal);

    /// <summary>Each kind with its number and its first example.</summary>
    public IEnumerable<(string Kind, int Count, string First)> Kinds => _kinds.Select(kind => (kind.Key, kind.Value.Count, kind.Value.First));

    /// <summary>How many files, lines and values were compared.</summary>
    public long Compared { get; set; }

    public void Add(string kind, string example)
    {
        (var count, var first) = _kinds.GetValueOrDefault(kind, (0, example));
        _kinds[kind] = (count + 1, first);
    }
}
