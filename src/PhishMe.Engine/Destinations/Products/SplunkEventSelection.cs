namespace PhishMe.Engine.Destinations.Products;

/// <summary>Which events are made of a threat for Splunk, and what stands around them.</summary>
internal sealed record SplunkEventSelection
{
    /// <summary>The whole threat.</summary>
    public bool Raw { get; init; }

    /// <summary>One event for each entry of the watch list.</summary>
    public bool BlockSet { get; init; }

    /// <summary>One event for each file.</summary>
    public bool ExecutableSet { get; init; }

    /// <summary>One event for each sender address.</summary>
    public bool SenderEmailSet { get; init; }

    /// <summary>One event for each subject.</summary>
    public bool SubjectSet { get; init; }

    /// <summary>One event for each form target of a phishing page.</summary>
    public bool ActionUrls { get; init; }

    /// <summary>One event for each reported link.</summary>
    public bool ReportedUrls { get; init; }

    /// <summary>One event for each phishing kit.</summary>
    public bool Kits { get; init; }

    /// <summary>One event for each file of a kit.</summary>
    public bool KitFiles { get; init; }

    /// <summary>One event for each address in a file of a kit.</summary>
    public bool KitFileEmails { get; init; }

    /// <summary>One event for each resource of a page.</summary>
    public bool WebComponents { get; init; }

    /// <summary>One event for the page itself.</summary>
    public bool PhishUrl { get; init; }

    /// <summary>Null leaves the choice to the token.</summary>
    public string? Index { get; init; }

    /// <summary>Null leaves the choice to the token.</summary>
    public string? Source { get; init; }

    /// <summary>Null leaves the choice to the token.</summary>
    public string? SourceType { get; init; }
}
