using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>All CEF lines of one threat in the order in which they came.</summary>
internal sealed record CefThreat
{
    /// <summary>The threat.</summary>
    public required ThreatId Id { get; init; }

    /// <summary>The first date any of its lines gives.</summary>
    public DateTimeOffset? FirstPublished { get; init; }

    /// <summary>The lines without line breaks; slices of the body.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Lines { get; init; }
}
