namespace PhishMe.Intelligence;

/// <summary>
/// What to search for. Several values of one property match any of them; different properties have to match all. What is null or empty is not asked for.
/// </summary>
public sealed record ThreatQuery
{
    /// <summary>One product; null for both.</summary>
    public ThreatType? Type { get; init; }

    /// <summary>The number alone, which is unique only within a product.</summary>
    public long? NativeId { get; init; }

    /// <summary>Published at this time or later.</summary>
    public DateTimeOffset? PublishedAfter { get; init; }

    /// <summary>Published at this time or earlier.</summary>
    public DateTimeOffset? PublishedBefore { get; init; }

    /// <summary>At most so many threats; null for all.</summary>
    public int? First { get; init; }

    /// <summary>Malware: a string extracted from it.</summary>
    public string? ExtractedString { get; init; }

    /// <summary>Malware: display name of the sender.</summary>
    public string? SenderName { get; init; }

    /// <summary>Malware: subject of the message.</summary>
    public string? Subject { get; init; }

    /// <summary>Malware: addresses messages came from.</summary>
    public IReadOnlyList<string> SenderIp { get; init; } = [];

    /// <summary>Malware: name of the family.</summary>
    public string? Family { get; init; }

    /// <summary>Malware: names of files.</summary>
    public IReadOnlyList<string> ArtifactName { get; init; } = [];

    /// <summary>Malware: MD5 of files.</summary>
    public IReadOnlyList<string> ArtifactMd5 { get; init; } = [];

    /// <summary>Malware: domains of senders.</summary>
    public IReadOnlyList<string> SenderDomain { get; init; } = [];

    /// <summary>Malware: domains of the watch list.</summary>
    public IReadOnlyList<string> WatchListDomain { get; init; } = [];

    /// <summary>Malware: addresses of the watch list.</summary>
    public IReadOnlyList<string> WatchListIp { get; init; } = [];

    /// <summary>Malware: URLs of the watch list; whole when in double quotes, otherwise parts.</summary>
    public IReadOnlyList<string> WatchListUrl { get; init; } = [];

    /// <summary>Malware: e-mail addresses of the watch list.</summary>
    public IReadOnlyList<string> WatchListEmail { get; init; } = [];

    /// <summary>Phish: number of the autonomous system that hosts the page.</summary>
    public long? HostingAsn { get; init; }

    /// <summary>Phish: two-letter code of the country that hosts the page.</summary>
    public string? HostingCountry { get; init; }

    /// <summary>Phish: who runs the autonomous system that hosts the page.</summary>
    public string? HostingOrganization { get; init; }

    /// <summary>Phish: addresses of the servers behind the page.</summary>
    public IReadOnlyList<string> HostingIp { get; init; } = [];

    /// <summary>Phish: titles of the page.</summary>
    public IReadOnlyList<string> PageTitle { get; init; } = [];

    /// <summary>Phish: languages of the page.</summary>
    public IReadOnlyList<string> Language { get; init; } = [];

    /// <summary>Phish: domains of the page.</summary>
    public IReadOnlyList<string> PhishDomain { get; init; } = [];

    /// <summary>Phish: URLs of the page; whole when in double quotes, otherwise parts.</summary>
    public IReadOnlyList<string> PhishUrl { get; init; } = [];

    /// <summary>Phish: domains of reported URLs.</summary>
    public IReadOnlyList<string> ReportedDomain { get; init; } = [];

    /// <summary>Phish: reported URLs; whole when in double quotes, otherwise parts.</summary>
    public IReadOnlyList<string> ReportedUrl { get; init; } = [];

    /// <summary>Phish: domains of form targets.</summary>
    public IReadOnlyList<string> ActionDomain { get; init; } = [];

    /// <summary>Phish: form targets; whole when in double quotes, otherwise parts.</summary>
    public IReadOnlyList<string> ActionUrl { get; init; } = [];

    /// <summary>Phish: an address found in a kit.</summary>
    public string? DropMail { get; init; }

    /// <summary>Phish: whether there is a kit.</summary>
    public bool? HasKit { get; init; }

    /// <summary>Phish: names of kit archives.</summary>
    public IReadOnlyList<string> KitName { get; init; } = [];

    /// <summary>Phish: MD5 of kit archives.</summary>
    public IReadOnlyList<string> KitMd5 { get; init; } = [];

    /// <summary>Phish: URLs of resources of the page.</summary>
    public IReadOnlyList<string> WebComponentName { get; init; } = [];

    /// <summary>Phish: MD5 of resources of the page.</summary>
    public IReadOnlyList<string> WebComponentMd5 { get; init; } = [];

    /// <summary>Brands, exactly as the vendor writes them.</summary>
    public IReadOnlyList<string> Brand { get; init; } = [];

    /// <summary>Addresses anywhere.</summary>
    public IReadOnlyList<string> Ip { get; init; } = [];

    /// <summary>Domains anywhere.</summary>
    public IReadOnlyList<string> Domain { get; init; } = [];

    /// <summary>Names of files anywhere.</summary>
    public IReadOnlyList<string> FileName { get; init; } = [];

    /// <summary>MD5 anywhere.</summary>
    public IReadOnlyList<string> Md5 { get; init; } = [];

    /// <summary>A hash of any kind anywhere.</summary>
    public string? Hash { get; init; }

    /// <summary>A URL anywhere, whole or in part.</summary>
    public string? Url { get; init; }
}
