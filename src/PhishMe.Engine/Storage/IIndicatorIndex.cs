namespace PhishMe.Engine.Storage;

/// <summary>The index of the stored indicators: by key (<see cref="IndexKey"/>) and by address. Many keys are asked for in one call.</summary>
internal interface IIndicatorIndex
{
    /// <summary>Whether anything was committed since the last call; true the first time.</summary>
    bool HasChanged();

    /// <summary>Adds the indicators that stand under any of the keys. Two values may share a key: the caller compares the values.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="found">Gets the indicators, in the order of the keys, those of one key by threat and ordinal.</param>
    /// <param name="ends">Gets for each key where its indicators end in <paramref name="found"/>; as long as <paramref name="keys"/>.</param>
    void Read(ReadOnlySpan<long> keys, List<StoredIndicator> found, Span<int> ends);

    /// <summary>Adds the next indicators whose address lies in a range.</summary>
    /// <param name="range">The range; it remembers how far it was read.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="found">Gets the indicators, by address.</param>
    /// <returns>How many were added; fewer than <paramref name="most"/> at the end of the range.</returns>
    int ReadRange(AddressRange range, int most, List<StoredIndicator> found);

    /// <summary>The networks among the stored indicators, as they are stored.</summary>
    IReadOnlyList<string> ReadNetworks();
}
