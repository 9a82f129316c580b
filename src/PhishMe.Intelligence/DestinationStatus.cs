namespace PhishMe.Intelligence;

/// <summary>A destination, and how far it is.</summary>
public sealed record DestinationStatus
{
    /// <summary>Its id, such as <c>raw_json</c> or <c>syslog@raw_cef</c>.</summary>
    public required string Id { get; init; }

    /// <summary>How it is delivered to; null when it is in the state and no longer in the configuration.</summary>
    public DestinationKind? Kind { get; init; }

    /// <summary>The section of the configuration file; null when it is no longer in use.</summary>
    public string? Section { get; init; }

    /// <summary>The position of the API up to which it was delivered to; null before the first, or while the backfill goes on.</summary>
    public string? Position { get; init; }

    /// <summary>Whether it has everything up to its position.</summary>
    public required bool IsCurrent { get; init; }

    /// <summary>Why it has to catch up, and how far it is; null when it is current.</summary>
    public string? CatchingUp { get; init; }

    /// <summary>Items that wait in its queue.</summary>
    public long Waiting { get; init; }

    /// <summary>When something was last delivered there, UTC; null for never.</summary>
    public DateTimeOffset? LastDeliveryAt { get; init; }

    /// <summary>Why the last delivery failed, without secrets; null when it did not.</summary>
    public string? LastError { get; init; }

    /// <summary>When it failed, UTC.</summary>
    public DateTimeOffset? LastErrorAt { get; init; }
}
