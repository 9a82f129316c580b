namespace PhishMe.Intelligence;

/// <summary>What one config.ini-driven run did. Exactly one is emitted per run, also on failure.</summary>
public sealed record RunSummary
{
    /// <summary>The id that stands on every line of this run in the log.</summary>
    public required string RunId { get; init; }

    /// <summary>Full path of the configuration file.</summary>
    public required string ConfigurationPath { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>How it ended.</summary>
    public required ExitCode ExitCode { get; init; }

    /// <summary>The fault that ended it; null when it was done.</summary>
    public Fault? Fault { get; init; }

    /// <summary>Whether it only said what it would do.</summary>
    public bool DryRun { get; init; }

    /// <summary>Whether a backfill ran or was continued.</summary>
    public bool Backfill { get; init; }

    /// <summary>HTTP requests sent, repeats included.</summary>
    public int Requests { get; init; }

    /// <summary>How fast the API was found to take requests; null when the run was too short to find out.</summary>
    public RequestPace? Pace { get; init; }

    /// <summary>Threats received, each counted once per page.</summary>
    public int Received { get; init; }

    /// <summary>Threats reported withdrawn.</summary>
    public int Withdrawn { get; init; }

    /// <summary>Updates recorded but not emitted, because they were first published too long ago.</summary>
    public int Expired { get; init; }

    /// <summary>Threats set aside in this run.</summary>
    public int DeadLetters { get; init; }

    /// <summary>Dead letters that are open after this run, those of earlier runs included.</summary>
    public int DeadLettersOpen { get; init; }

    /// <summary>Dead letters of earlier runs that were delivered in this one.</summary>
    public int Healed { get; init; }

    /// <summary>Position before the run; null when there was none.</summary>
    public string? PositionBefore { get; init; }

    /// <summary>Position after the run; null when there is none yet.</summary>
    public string? PositionAfter { get; init; }

    /// <summary>What each destination took.</summary>
    public IReadOnlyList<DestinationSummary> Destinations { get; init; } = [];

    /// <summary>What each output took.</summary>
    public IReadOnlyList<OutputSummary> Outputs { get; init; } = [];

    /// <summary>Warnings and errors of the configuration and of the run.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
