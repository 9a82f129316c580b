namespace PhishMe.Engine.Running;

/// <summary>
/// Collects garbage every few megabytes. The runtime by itself waits until new objects fill the processor's cache, and that is hundreds of
/// megabytes on some servers: the memory of a backfill would follow the machine, not the work.
/// </summary>
internal sealed class HeapGrowthLimit
{
    private const long Allowed = 24 * 1024 * 1024;

    /// <summary>
    /// Pages wait for their turn while others are collected, and grow old: what is left of them only a full collection takes. It looks at everything, so it is
    /// made when that is worth it.
    /// </summary>
    private const long OldAllowed = 24 * 1024 * 1024;

    private long _collectedAt = GC.GetTotalAllocatedBytes();
    private long _leftByFull;

    /// <summary>Called between batches, when little is alive: a collection takes a few milliseconds.</summary>
    public void Check()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        if (allocated - _collectedAt < Allowed)
        {
            return;
        }

        GC.Collect(1, GCCollectionMode.Forced, blocking: true);
        if (GC.GetTotalMemory(forceFullCollection: false) - _leftByFull > OldAllowed)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
            _leftByFull = GC.GetTotalMemory(forceFullCollection: false);
        }

        _collectedAt = allocated;
    }
}
