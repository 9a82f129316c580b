using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>
/// What is particular to one product: what is made of threats, which calls deliver that, and what the answers mean. It has no transport of its own. One
/// object serves one run.
/// </summary>
internal interface IHttpProfile
{
    /// <summary>The most that one call to <see cref="SendAsync"/> takes.</summary>
    QueueBatch LargestBatch { get; }

    /// <summary>Items that may share a call: those with the same text, such as the name of a set. All by default.</summary>
    string LotOf(PushItem item) => string.Empty;

    /// <summary>Calls that are made before anything leaves the queue, and that a kill repeats at most.</summary>
    int BatchesAtOnce => 1;

    /// <summary>Whether sending an item twice leaves one thing at the product. If not, a refused batch is taken apart with as few repeats as possible.</summary>
    bool RecognizesRepeats { get; }

    /// <summary>
    /// Whether the product keeps what it is sent under a key. Then a ledger says what it has of us: what is unchanged is not sent again, and only what
    /// stands there is taken back.
    /// </summary>
    bool KeepsState { get; }

    /// <summary>After which the product drops an entry by itself; null for never.</summary>
    TimeSpan? Lifetime => null;

    /// <summary>Which indicators the product gets, so that the others can be counted; null when it gets threats as they are.</summary>
    IndicatorChoice? Choice => null;

    /// <summary>The part of a payload whose change is worth sending; all of it by default. A moved date of publication alone does not count.</summary>
    ReadOnlyMemory<byte> Substance(QueueItem item) => item.Payload;

    /// <summary>The items of a delivery. Keeps nothing: the same delivery gives the same items.</summary>
    IEnumerable<QueueItem> Compose(Delivery delivery);

    /// <summary>Items that end a good run, such as one that removes what is over; usually none. They have no key.</summary>
    IEnumerable<QueueItem> ComposeEndOfRun() => [];

    /// <summary>Makes or finds what items need, such as sets and type ids. Called once per run, before the first batch.</summary>
    /// <exception cref="TargetStoppedException">Items cannot be delivered.</exception>
    Task PrepareAsync(HttpTarget target, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// The keys among these new items that the product holds already, made by someone else. They count as delivered and are left alone, now and later.
    /// </summary>
    /// <exception cref="TargetStoppedException">Nothing more can be delivered in this run.</exception>
    Task<IReadOnlySet<string>?> FindForeignAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlySet<string>?>(null);

    /// <summary>Delivers a batch. Items and retractions may stand side by side; no key stands in it twice, except the empty one.</summary>
    /// <exception cref="TargetStoppedException">Nothing more can be delivered in this run.</exception>
    Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken);

    /// <summary>Waits until the product has what it took under these receipts (<see cref="BatchAnswer.Pending"/>).</summary>
    /// <returns>Those that it has. The others stay queued, and the destination stops for this run.</returns>
    /// <exception cref="TargetStoppedException">Nothing more can be delivered in this run.</exception>
    Task<IReadOnlySet<string>> ConfirmAsync(HttpTarget target, IReadOnlyList<string> receipts, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A product that gives receipts has to confirm them.");

    /// <summary>Proves credentials and the right to write, and writes nothing.</summary>
    /// <exception cref="TargetStoppedException">What is wrong.</exception>
    IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, CancellationToken cancellationToken);
}
