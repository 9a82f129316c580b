using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Sync;

/// <summary>
/// What is committed together: the threats of one page or window, the withdrawals, what was set aside, and where the sync stands afterwards.
/// Dispose it when every output has it: its bytes are slices of pooled buffers.
/// </summary>
internal sealed class Batch : IDisposable
{
    public IReadOnlyList<ThreatUnit> Threats { get; init; } = [];

    public IReadOnlyList<ThreatId> Withdrawn { get; init; } = [];

    public IReadOnlyList<DeadLetter> SetAside { get; init; } = [];

    /// <summary>Dead letters without an id that this batch makes good.</summary>
    public IReadOnlyList<DeadLetter> Healed { get; init; } = [];

    /// <summary>Where the sync stands when this batch is committed.</summary>
    public required SyncCursor After { get; init; }

    /// <summary>What the bytes are slices of.</summary>
    public IReadOnlyList<IDisposable> Bodies { get; init; } = [];

    public void Dispose()
    {
        foreach (var body in Bodies)
        {
            body.Dispose();
        }
    }
}
