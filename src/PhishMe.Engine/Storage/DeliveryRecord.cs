using PhishMe.Engine.Threats;

namespace PhishMe.Engine.Storage;

/// <summary>What one destination was last given of one threat.</summary>
internal readonly record struct DeliveryRecord
{
    public required ContentHash Content { get; init; }

    /// <summary>Epoch milliseconds; gives the date folder of the per-threat file.</summary>
    public long? FirstPublished { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    public long? LastPublished { get; init; }

    /// <summary>The backfill, or the following of the changelog after it, in which it was delivered.</summary>
    public required int Generation { get; init; }

    /// <summary>Epoch milliseconds of our clock.</summary>
    public required long DeliveredAt { get; init; }

    public bool Withdrawn { get; init; }
}
