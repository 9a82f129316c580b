namespace PhishMe.Engine.Configuration;

/// <summary>[feed_server].</summary>
internal sealed record FeedServerSettings
{
    /// <summary>Where it listens.</summary>
    public required ListenerSettings Listener { get; init; }

    /// <summary>Full path of the folder outside of which no file is served; null for wherever destinations write their files.</summary>
    public string? Root { get; init; }
}
