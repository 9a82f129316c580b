namespace PhishMe.Engine.Storage;

/// <summary>The offset of one destination, and how it fared.</summary>
internal sealed record DestinationState
{
    public required DestinationId Id { get; init; }

    /// <summary>The newest commit of the sync that it took part in; less than that of the cursor when it was off meanwhile.</summary>
    public required long Commit { get; init; }

    /// <summary>The position of the API at that commit; null before the first.</summary>
    public string? Position { get; init; }

    /// <summary>Null when it has everything up to <see cref="Commit"/>.</summary>
    public CatchUp? CatchUp { get; init; }

    /// <summary>For what is rebuilt from the store: what it was last made of.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>When something was last written there, or taken by the target.</summary>
    public DateTimeOffset? LastDeliveryAt { get; init; }

    /// <summary>Why the last delivery failed, without secrets; null when it did not.</summary>
    public string? LastError { get; init; }

    public DateTimeOffset? LastErrorAt { get; init; }
}
