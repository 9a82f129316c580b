namespace PhishMe.Engine.Storage;

/// <summary>An index on this host: its keys can be read into memory, so that what is not in it costs nothing.</summary>
internal interface INearIndex : IIndicatorIndex
{
    /// <summary>About how many keys there are; off by a few percent.</summary>
    long EstimateKeys();

    /// <summary>The newest keys, which do not stand among the others yet. There are at most a few hundred thousand.</summary>
    IEnumerable<long> ReadGatheredKeys();

    /// <summary>Reads the other keys in ascending order.</summary>
    /// <param name="after">The last key read; -1 at the beginning.</param>
    /// <param name="keys">Gets the keys.</param>
    /// <returns>How many were read; fewer than <paramref name="keys"/> has room for at the end.</returns>
    int ReadKeys(long after, Span<long> keys);
}
