using PhishMe.Engine.Storage;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>
/// A destination that is on the disk before the state says so. The order is: prepare, publish, the state's commit, commit; or, when anything fails, roll
/// back. What a run that was killed left behind is repaired when the destination is opened again.
/// </summary>
internal interface ITransactionalDestination : IAsyncDisposable
{
    /// <summary>Lengths of files that the state does not know, or knows otherwise: they are recorded before the first byte is added.</summary>
    IReadOnlyList<AppendLength> UnknownLengths { get; }

    /// <summary>Threats of a batch that an earlier run wrote and did not commit, and that will perhaps not come again, because another host went on.</summary>
    IReadOnlyList<ThreatId> Interrupted => [];

    /// <summary>Removes what such a batch left of threats that the destination does not have.</summary>
    /// <param name="missing">Those that it does not have.</param>
    /// <returns>What the state has to record with it.</returns>
    IReadOnlyList<AppendLength> PutRight(IReadOnlySet<ThreatId> missing) => [];

    /// <summary>
    /// Begins with a batch whose turn is still to come, as if all of it were new. May be called while another batch is published. A failure shows when its
    /// turn comes. Does nothing where there is nothing to gain.
    /// </summary>
    void BeginAhead(Batch batch);

    /// <summary>What was begun for a batch is no longer needed; returns when its bytes are not in use any more.</summary>
    Task AbandonAsync(Batch batch);

    /// <summary>Makes a delivery ready: nothing that others see changes.</summary>
    PreparedDelivery Prepare(Batch batch, Delivery delivery);

    /// <summary>Writes it; when it returns, it is on the disk.</summary>
    /// <exception cref="PhishMeException">It cannot be written.</exception>
    Task<PublishedFiles> PublishAsync(Batch batch, PreparedDelivery prepared, CancellationToken cancellationToken);

    /// <summary>Files of the delivery that other programs hold: they are set aside in its transaction, and tried again by the next run.</summary>
    IReadOnlyList<DeadLetter> TakeHeld() => [];

    /// <summary>Makes up for the files that other programs held in earlier runs.</summary>
    /// <returns>What is as it should be now, and what is still held.</returns>
    (IReadOnlyList<DeadLetterPlace> Done, IReadOnlyList<DeadLetter> Held) RetryHeld() => ([], []);

    /// <summary>The state's transaction is committed.</summary>
    void Commit();

    /// <summary>
    /// It is not known whether the state's transaction is committed, because the connection to the state broke: what is on the disk stays, a rollback
    /// says that not everything is as it was, and the next run repairs.
    /// </summary>
    void LeaveUnknown() => throw new NotSupportedException("This destination cannot be used with a shared state.");

    /// <summary>Goes back to the last commit, and leaves no temporary file behind. Called at the end of every run, too.</summary>
    /// <returns>Whether everything is as it was; if not, the next run repairs it.</returns>
    Task<bool> RollBackAsync();
}
