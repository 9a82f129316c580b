using PhishMe.Engine.Threats;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>A file that has a report for each threat instead of a row for each value.</summary>
internal sealed record FeedReports
{
    /// <summary>The full path.</summary>
    public required string Path { get; init; }

    /// <summary>What stands before the reports.</summary>
    public required ReadOnlyMemory<byte> Header { get; init; }

    /// <summary>What stands between two reports; ends a line.</summary>
    public required ReadOnlyMemory<byte> Separator { get; init; }

    /// <summary>What stands behind them.</summary>
    public required ReadOnlyMemory<byte> Footer { get; init; }

    /// <summary>Whether the reader takes a value. One that it does not take would cost the whole feed.</summary>
    public required Func<IndicatorRecord, bool> Takes { get; init; }

    /// <summary>Makes the reports of a threat. Called by several threads at once.</summary>
    public required Func<FeedThreat, IEnumerable<(string Id, ReadOnlyMemory<byte> Report)>> Compose { get; init; }
}
