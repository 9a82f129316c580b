namespace PhishMe.Engine.Running;

/// <summary>
/// Collects garbage every few megabytes. The runtime by itself waits until new objects fill the processor's cache, and that is hundreds of
/// megabytes on some servers: the memory of a backfill would follow the machine, not the work.
/// </summary>
internal sealed class GarbageBound
{
    private const long Allowed = 24 * 1024 * 1024;

    private long _collectedAt = GC.GetTotalAllocatedBytes();

    /// <summary>Called between batches, when little is alive: a collection takes a few milliseconds.</summary>
    public void Check()
    {
        long allocated = GC.GetTotalAllocatedBytes();
        if (allocated - _collectedAt >= Allowed)
        {
            GC.Collect(1, GCCollectionMode.Forced, blocking: true);
            _collectedAt = allocated;
        }
    }
}
