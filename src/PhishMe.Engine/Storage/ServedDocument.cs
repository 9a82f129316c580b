using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>A stored threat as it is served.</summary>
internal sealed record ServedDocument
{
    /// <summary>The store's own number of the threat.</summary>
    public required long Key { get; init; }

    public required ThreatId Id { get; init; }

    /// <summary>Whether its content changed since it got its place. Of meaning for a pending threat only.</summary>
    public bool IsChanged { get; init; }

    /// <summary>Null when it is live.</summary>
    public DateTimeOffset? WithdrawnAt { get; init; }

    /// <summary>When this version came into the store.</summary>
    public required DateTimeOffset StoredAt { get; init; }

    /// <summary>When a version without a date of its own was received; null when its dates say it.</summary>
    public DateTimeOffset? ReceivedAt { get; init; }

    /// <summary>The object as received; null when the stored bytes are damaged.</summary>
    public byte[]? Json { get; init; }

    /// <summary>What updates took out of the threat and no live threat carries.</summary>
    public required IReadOnlyList<Indicator> Removed { get; init; }
}
