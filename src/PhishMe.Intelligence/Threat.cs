using System.Collections.ObjectModel;

namespace PhishMe.Intelligence;

/// <summary>
/// A threat: a malware campaign or a phishing page. Lists are never null, texts are null when the vendor does not give them.
/// Everything received, known to this version or not, is in <see cref="Json"/>.
/// </summary>
public sealed record Threat
{
    /// <summary>Product and number: the key.</summary>
    public required ThreatId Id { get; init; }

    /// <summary>The product.</summary>
    public ThreatType Type => Id.Type;

    /// <summary>Short title; of a phish its page title, else its first brand.</summary>
    public string? Label { get; init; }

    /// <summary>The analyst's text.</summary>
    public string? ExecutiveSummary { get; init; }

    /// <summary>First publication; of a phish the first report.</summary>
    public DateTimeOffset? FirstPublished { get; init; }

    /// <summary>Most recent publication; of a phish the latest report.</summary>
    public DateTimeOffset? LastPublished { get; init; }

    /// <summary>
    /// When this version was received. Set only where its dates do not say that it is newer than the version before it, so that a form with versions can.
    /// </summary>
    public DateTimeOffset? ReceivedAt { get; init; }

    /// <summary>The highest impact of the watch list and the files; of a phish always Major. Null when nothing is rated.</summary>
    public Impact? Impact { get; init; }

    /// <summary>Names of the malware families.</summary>
    public IReadOnlyList<string> Families { get; init; } = [];

    /// <summary>Names of the delivery mechanisms.</summary>
    public IReadOnlyList<string> DeliveryMechanisms { get; init; } = [];

    /// <summary>What the families and delivery mechanisms named anywhere in this threat are, by name.</summary>
    public IReadOnlyDictionary<string, string> Descriptions { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The brands abused; empty when the vendor says "None".</summary>
    public IReadOnlyList<string> Brands { get; init; } = [];

    /// <summary>ISO codes of the languages of the messages or the page.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Names of the feeds it came with.</summary>
    public IReadOnlyList<string> Feeds { get; init; } = [];

    /// <summary>Whether there is an Active Threat Report.</summary>
    public bool HasReport { get; init; }

    /// <summary>The Active Threat Report in the portal.</summary>
    public string? ReportUri { get; init; }

    /// <summary>The Active Threat Report for API credentials.</summary>
    public string? ApiReportUri { get; init; }

    /// <summary>The page of the threat in the portal.</summary>
    public string? ThreatDetailUri { get; init; }

    /// <summary>All indicators, flat, in the order in which they were received.</summary>
    public IReadOnlyList<Indicator> Indicators { get; init; } = [];

    /// <summary>
    /// Indicators of an earlier version that this one no longer has, where that version is known: forms that can say so take them back. They are not part of
    /// <see cref="Indicators"/>.
    /// </summary>
    public IReadOnlyList<Indicator> RemovedIndicators { get; init; } = [];

    /// <summary>The files of a malware threat.</summary>
    public IReadOnlyList<ThreatFile> Files { get; init; } = [];

    /// <summary>Subjects of the messages.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>Sender addresses of the messages, often spoofed.</summary>
    public IReadOnlyList<string> SenderAddresses { get; init; } = [];

    /// <summary>Addresses of the machines the messages came from.</summary>
    public IReadOnlyList<string> SenderIps { get; init; } = [];

    /// <summary>Display names of the senders.</summary>
    public IReadOnlyList<string> SenderNames { get; init; } = [];

    /// <summary>Sender domains of the messages, often spoofed.</summary>
    public IReadOnlyList<string> SenderDomains { get; init; } = [];

    /// <summary>Links in the messages.</summary>
    public IReadOnlyList<ThreatUrl> SpamUrls { get; init; } = [];

    /// <summary>Strings taken out of the malware's configuration.</summary>
    public IReadOnlyList<string> ExtractedStrings { get; init; } = [];

    /// <summary>Title of the phishing page.</summary>
    public string? Title { get; init; }

    /// <summary>When the page was confirmed as phish.</summary>
    public DateTimeOffset? Confirmed { get; init; }

    /// <summary>The phishing page.</summary>
    public ThreatUrl? PhishingUrl { get; init; }

    /// <summary>The links that were reported.</summary>
    public IReadOnlyList<ThreatUrl> ReportedUrls { get; init; } = [];

    /// <summary>The targets of the forms on the page.</summary>
    public IReadOnlyList<ThreatUrl> ActionUrls { get; init; } = [];

    /// <summary>Where the phishing page is hosted.</summary>
    public IpDetail? IpDetail { get; init; }

    /// <summary>A picture of the page.</summary>
    public string? ScreenshotUri { get; init; }

    /// <summary>Phishing kits found on the server.</summary>
    public IReadOnlyList<PhishKit> Kits { get; init; } = [];

    /// <summary>The resources of the page.</summary>
    public IReadOnlyList<WebComponent> WebComponents { get; init; } = [];

    /// <summary>Whether the vendor took it back.</summary>
    public bool Withdrawn { get; init; }

    /// <summary>The exact bytes received: one JSON object, UTF-8.</summary>
    public ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>Id and label.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Label is null ? Id.ToString() : $"{Id} {Label}";
}
