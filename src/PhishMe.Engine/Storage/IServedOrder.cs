namespace PhishMe.Engine.Storage;

/// <summary>
/// The order of what is served, as the end of a run makes it. Every threat that is stored or withdrawn is pending until then. One whose content changed is not
/// served meanwhile, because new content must not appear under an old date; it always gets a new place, because readers may have passed the old one.
/// </summary>
internal interface IServedOrder
{
    /// <summary>How far the order has come; makes all threats pending when they were rendered in another form.</summary>
    /// <param name="form">The form of this run.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<ServedState> BeginAsync(string form, CancellationToken cancellationToken);

    /// <summary>Removes what is no longer valid.</summary>
    /// <param name="now">Epoch milliseconds.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task ExpireAsync(long now, CancellationToken cancellationToken);

    /// <summary>Pending threats in the order of the store.</summary>
    /// <param name="after">The number read last; <see cref="long.MinValue"/> at the beginning.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<IReadOnlyList<ServedDocument>> ReadPendingAsync(long after, int most, CancellationToken cancellationToken);

    /// <summary>Gives threats their places, in one transaction, each object a millisecond of its own.</summary>
    /// <param name="versions">What they have become.</param>
    /// <param name="gone">Pending threats that are not served.</param>
    /// <param name="first">The first date added, epoch milliseconds; later than all before.</param>
    /// <param name="limit">The last date added; what does not fit stays pending.</param>
    /// <param name="renewedAfter">By how much, in milliseconds, the validity of a threat whose content is unchanged has to grow to be news.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The next free date added; null when the limit was reached.</returns>
    Task<long?> AssignAsync(
        IReadOnlyList<ServedVersion> versions, IReadOnlyList<long> gone, long first, long limit, long renewedAfter, CancellationToken cancellationToken);
}
