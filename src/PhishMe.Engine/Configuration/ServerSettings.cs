namespace PhishMe.Engine.Configuration;

/// <summary>What <c>phishme serve</c> serves.</summary>
internal sealed record ServerSettings
{
    /// <summary>[feed_server]; null when it is not in use.</summary>
    public FeedServerSettings? Feed { get; init; }

    /// <summary>[taxii_server]; null when it is not in use.</summary>
    public TaxiiServerSettings? Taxii { get; init; }
}
