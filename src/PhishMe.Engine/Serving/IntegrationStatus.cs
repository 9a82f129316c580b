using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving;

/// <summary>How an integration is doing, as its state file says.</summary>
internal sealed record IntegrationStatus
{
    /// <summary>When it was read, UTC.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>Full path of the configuration file.</summary>
    public required string ConfigurationPath { get; init; }

    /// <summary>The last runs, newest first.</summary>
    public IReadOnlyList<RunSummary> Runs { get; init; } = [];

    /// <summary>End of the last run that did all its work; null when none is known.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>The destinations of the configuration, and those that it had once.</summary>
    public IReadOnlyList<DestinationStatus> Destinations { get; init; } = [];

    /// <summary>What is set aside, oldest first.</summary>
    public IReadOnlyList<DeadLetterRecord> DeadLetters { get; init; } = [];

    /// <summary>What the store holds; null without a store, and while it is counted for the first time.</summary>
    public StoreStatistics? Store { get; init; }

    /// <summary>Whether the store is being counted and there is no count to show yet.</summary>
    public bool IsBeingCounted { get; init; }

    /// <summary>How old the position is: the time since the last good run, which moved it to the end of the changes; null before the first.</summary>
    public TimeSpan? PositionAge => LastSuccess is DateTimeOffset success && success <= TakenAt ? TakenAt - success : LastSuccess is null ? null : TimeSpan.Zero;
}
