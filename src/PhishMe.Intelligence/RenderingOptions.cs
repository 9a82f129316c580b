namespace PhishMe.Intelligence;

/// <summary>
/// How threats are to be rendered, and which of them and of their indicators. A threat of which nothing is left is not written. JSON is written as
/// received: there the conditions choose threats. What a format has no use for is ignored.
/// </summary>
public sealed record RenderingOptions
{
    /// <summary>The form.</summary>
    public required RenderingFormat Format { get; init; }

    /// <summary>With whom the result may be shared; marks STIX 2.1 and MISP.</summary>
    public TlpLevel Tlp { get; init; }

    /// <summary>The product wanted; null for both.</summary>
    public ThreatType? Type { get; init; }

    /// <summary>Threats published last at this time or later; those without date are then left out. Null for all. Withdrawals pass.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Threats published last before this time; those without date are then left out. Null for all. Withdrawals pass.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Names of malware families or delivery mechanisms of the threats wanted, in any case; empty for all. Withdrawals pass.</summary>
    public IReadOnlyList<string> Families { get; init; } = [];

    /// <summary>Kinds of indicators wanted; null for all.</summary>
    public IReadOnlySet<IndicatorKind>? Kinds { get; init; }

    /// <summary>Lowest impact of indicators wanted; null for all, also the unrated.</summary>
    public Impact? MinimumImpact { get; init; }

    /// <summary>Roles of indicators wanted, in any case; empty for all, also those without.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>
    /// What must never be written. A domain covers what is below it, and URLs and e-mail addresses there; a network covers its addresses, and URLs on
    /// them; a hash covers its file under every other hash. Defanged or not; blank entries and those that begin with <c>#</c> are passed over.
    /// </summary>
    public IReadOnlyList<string> AllowList { get; init; } = [];

    /// <summary>Whether lists and rows hold what is for correlation only: senders, subjects, web components. Never block these.</summary>
    public bool IncludeCorollary { get; init; }

    /// <summary>Whether lists and rows hold what the vendor calls benign: impact None, roles such as IDinfo, files of ordinary programs that malware uses.</summary>
    public bool IncludeBenign { get; init; }

    /// <summary>Whether lists and rows hold unroutable addresses, and names and URLs that lead to them.</summary>
    public bool IncludePrivateAddresses { get; init; }

    /// <summary>Whether lists and rows hold the hashes of the file without content.</summary>
    public bool IncludeEmptyFile { get; init; }

    /// <summary>Whether cells of CSV stay as they are even if a spreadsheet takes them for a formula. Otherwise such cells begin with an apostrophe.</summary>
    public bool KeepFormulas { get; init; }

    /// <summary>For how many days after the last publication a STIX 2.1 indicator is valid; 0 for no end.</summary>
    public int ValidDays { get; init; }

    /// <summary>Whether URLs in a list lose their <c>http://</c>.</summary>
    public bool WithoutScheme { get; init; }
}
