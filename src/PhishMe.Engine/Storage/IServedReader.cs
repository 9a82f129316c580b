namespace PhishMe.Engine.Storage;

/// <summary>
/// What is served, in the order in which it was added. Each call sees one state of the store and holds nothing open behind it, so that a run can write at
/// any time. Used by one thread at a time. Every failure of the store is a <see cref="PhishMe.Intelligence.PhishMeException"/>.
/// </summary>
internal interface IServedReader : IDisposable
{
    /// <summary>
    /// A number that changes with every commit of another connection. Only numbers of the same reader can be compared. Null when what keeps the store has no such
    /// number: then no answer is kept.
    /// </summary>
    long? ChangeNumber => null;

    /// <summary>The date added of the first object of all, epoch milliseconds; null when nothing is served.</summary>
    long? Origin { get; }

    /// <summary>Threats of a collection with an object that was added later than a time, in order. Constant cost, wherever the time lies.</summary>
    /// <param name="collection">The number of the collection.</param>
    /// <param name="after">Epoch milliseconds.</param>
    /// <param name="now">What is no longer valid is left out.</param>
    /// <param name="most">How many at most.</param>
    IReadOnlyList<ServedThreat> ReadThreats(int collection, long after, long now, int most);

    /// <summary>Families that were added in a span of time, in order.</summary>
    /// <param name="collection">The number of the collection.</param>
    /// <param name="after">Epoch milliseconds, exclusive.</param>
    /// <param name="until">Epoch milliseconds, inclusive.</param>
    /// <param name="most">How many at most.</param>
    IReadOnlyList<ServedFamily> ReadFamilies(int collection, long after, long until, int most);

    /// <summary>What is needed to render a threat, with the objects of it that stay in collections to which they no longer belong.</summary>
    /// <param name="threat">Its place, as read before.</param>
    /// <returns>Null when it has left that place meanwhile: it comes again, later in the order.</returns>
    (ServedDocument Document, IReadOnlyDictionary<long, int> Kept)? ReadDocument(ServedThreat threat);

    /// <summary>The threats that may have an object with this key of its id.</summary>
    /// <param name="hash">The key.</param>
    /// <param name="now">What is no longer valid is left out.</param>
    IReadOnlyList<ServedThreat> FindThreats(long hash, long now);

    /// <summary>All families; there are few.</summary>
    IReadOnlyList<ServedFamily> AllFamilies();
}
