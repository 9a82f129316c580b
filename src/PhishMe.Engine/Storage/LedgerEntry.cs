namespace PhishMe.Engine.Storage;

/// <summary>What a target that keeps state has of us under a key: only what stands here is ever changed or removed there.</summary>
internal sealed record LedgerEntry
{
    public required DestinationId Destination { get; init; }

    /// <summary>Our key of the thing, such as kind and value of an indicator.</summary>
    public required string Key { get; init; }

    /// <summary>Tells whether what would be sent differs from what was sent.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The target's own id of it; null when it has none.</summary>
    public string? TargetReference { get; init; }

    /// <summary>When the target drops it by itself; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset SentAt { get; init; }
}
