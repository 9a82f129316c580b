namespace PhishMe.Intelligence;

/// <summary>Which feed is to be written, where, and with which indicators.</summary>
public sealed record FeedOptions
{
    /// <summary>The name of the feed (<see cref="FeedDescription.Name"/>).</summary>
    public required string Name { get; init; }

    /// <summary>Where it goes: a file or a folder (<see cref="FeedDescription.IsFile"/>). The folder is created when only its last part is missing.</summary>
    public required string Path { get; init; }

    /// <summary>The lowest impact of an indicator; null for that of the product.</summary>
    public Impact? MinimumImpact { get; init; }

    /// <summary>Whether it holds what is for correlation only, such as senders and subjects. Never block these.</summary>
    public bool IncludeCorollary { get; init; }

    /// <summary>The product of the vendor whose threats are wanted; null for both.</summary>
    public ThreatType? Type { get; init; }

    /// <summary>Days after its last publication for which a threat stays in the feed; 0 for no end, null for the days of the product.</summary>
    public int? RetentionDays { get; init; }

    /// <summary>Rows of each file at most; those of the highest impact and the newest stay. 0 for all, null for the number of the product.</summary>
    public int? MaximumRows { get; init; }

    /// <summary>What must never be in it, as <see cref="RenderingOptions.AllowList"/>.</summary>
    public IReadOnlyList<string> AllowList { get; init; } = [];
}
