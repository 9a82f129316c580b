using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>A threat as the store has it.</summary>
internal sealed record StoredThreat
{
    public required ThreatId Id { get; init; }

    /// <summary>Null when it is live.</summary>
    public DateTimeOffset? WithdrawnAt { get; init; }

    /// <summary>When this version came into the store.</summary>
    public required DateTimeOffset StoredAt { get; init; }

    /// <summary>The object as received; of a withdrawn threat the last one.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }
}
