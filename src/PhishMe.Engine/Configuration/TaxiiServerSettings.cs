using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>[taxii_server].</summary>
internal sealed record TaxiiServerSettings
{
    /// <summary>Where it listens.</summary>
    public required ListenerSettings Listener { get; init; }

    /// <summary>The path of the API root, without slashes.</summary>
    public required string ApiRoot { get; init; }

    /// <summary>What it is called in discovery.</summary>
    public required string Title { get; init; }

    /// <summary>Objects of one page at most.</summary>
    public required int PageLimit { get; init; }

    /// <summary>Days after its last publication for which a threat is served; 0 is for good.</summary>
    public required int RetentionDays { get; init; }

    /// <summary>The marking of every object.</summary>
    public required TlpLevel Marking { get; init; }

    /// <summary>The confidence in indicators, by their impact: as [integration_defaults] says.</summary>
    public required ScoreTable Scores { get; init; }
}
