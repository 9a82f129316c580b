using PhishMe.Intelligence;

namespace PhishMe.Engine.Indicators;

/// <summary>The descriptors of all kinds of indicators.</summary>
internal static class IndicatorKinds
{
    private static readonly (string, string) _fileWatchlist = ("File associated with malware infection", "File Hash Watchlist");

    private static readonly IndicatorKindDescriptor _unknown = new() { Kind = IndicatorKind.Unknown, Word = "unknown", CanBeBlocked = false };

    private static readonly IndicatorKindDescriptor _ipv4 = new()
    {
        Kind = IndicatorKind.IPv4,
        Word = "ipv4",
        IsNetwork = true,
        CanBeBlocked = true,
        CefClassAndName = "watchlist_ip|Watchlist IP|",
        CefLabel = "Watchlist IP",
        StixPath = "ipv4-addr:value",
        StixWatchlist = ("Watchlist IPv4", "IP Watchlist"),
        MispType = "ip-dst",
        MispSenderType = "ip-src",
    };

    private static readonly IndicatorKindDescriptor _ipv6 = new()
    {
        Kind = IndicatorKind.IPv6,
        Word = "ipv6",
        IsNetwork = true,
        CanBeBlocked = true,
        StixPath = "ipv6-addr:value",
        StixWatchlist = ("Watchlist IPv6", "IP Watchlist"),
        MispType = "ip-dst",
        MispSenderType = "ip-src",
    };

    private static readonly IndicatorKindDescriptor _domain = new()
    {
        Kind = IndicatorKind.Domain,
        Word = "domain",
        IsNetwork = true,
        CanBeBlocked = true,
        CefClassAndName = "watchlist_domain|Watchlist Domain|",
        CefLabel = "Watchlist Domain",
        StixPath = "domain-name:value",
        StixWatchlist = ("Watchlist Domain", "Domain Watchlist"),
        MispType = "domain",
    };

    private static readonly IndicatorKindDescriptor _url = new()
    {
        Kind = IndicatorKind.Url,
        Word = "url",
        IsNetwork = true,
        CanBeBlocked = true,
        CefClassAndName = "watchlist_url|Watchlist URL|",
        CefLabel = "Watchlist URL",
        StixPath = "url:value",
        StixWatchlist = ("Watchlist URL", "URL Watchlist"),
        MispType = "url",
    };

    private static readonly IndicatorKindDescriptor _email = new()
    {
        Kind = IndicatorKind.Email,
        Word = "email",
        IsNetwork = true,
        CanBeBlocked = true,
        StixPath = "email-addr:value",
        StixWatchlist = ("Watchlist Email", "Malicious E-mail"),
        MispType = "email-dst",
        MispSenderType = "email-src",
    };

    private static readonly IndicatorKindDescriptor _md5 = Hash(IndicatorKind.Md5, "md5", 32, "file:hashes.MD5", "MD5");
    private static readonly IndicatorKindDescriptor _sha1 = Hash(IndicatorKind.Sha1, "sha1", 40, "file:hashes.'SHA-1'", "SHA1");
    private static readonly IndicatorKindDescriptor _sha224 = Hash(IndicatorKind.Sha224, "sha224", 56, "file:hashes.'SHA-224'", "SHA224");
    private static readonly IndicatorKindDescriptor _sha256 = Hash(IndicatorKind.Sha256, "sha256", 64, "file:hashes.'SHA-256'", "SHA256");
    private static readonly IndicatorKindDescriptor _sha384 = Hash(IndicatorKind.Sha384, "sha384", 96, "file:hashes.'SHA-384'", "SHA384");
    private static readonly IndicatorKindDescriptor _sha512 = Hash(IndicatorKind.Sha512, "sha512", 128, "file:hashes.'SHA-512'", "SHA512");
    private static readonly IndicatorKindDescriptor _ssdeep = Hash(IndicatorKind.Ssdeep, "ssdeep", null, "file:hashes.SSDEEP", "SSDEEP");

    private static readonly IndicatorKindDescriptor _subject = new()
    {
        Kind = IndicatorKind.Subject,
        Word = "subject",
        CanBeBlocked = false,
        StixPath = "email-message:subject",
        MispType = "email-subject",
    };

    /// <summary>The descriptor of a kind. A kind without one does not compile.</summary>
    public static IndicatorKindDescriptor Of(IndicatorKind kind) => kind switch
    {
        IndicatorKind.Unknown => _unknown,
        IndicatorKind.IPv4 => _ipv4,
        IndicatorKind.IPv6 => _ipv6,
        IndicatorKind.Domain => _domain,
        IndicatorKind.Url => _url,
        IndicatorKind.Email => _email,
        IndicatorKind.Md5 => _md5,
        IndicatorKind.Sha1 => _sha1,
        IndicatorKind.Sha224 => _sha224,
        IndicatorKind.Sha256 => _sha256,
        IndicatorKind.Sha384 => _sha384,
        IndicatorKind.Sha512 => _sha512,
        IndicatorKind.Ssdeep => _ssdeep,
        IndicatorKind.Subject => _subject,
    };

    private static IndicatorKindDescriptor Hash(IndicatorKind kind, string word, int? length, string stixPath, string name) => new()
    {
        Kind = kind,
        Word = word,
        HashLength = length,
        CanBeBlocked = true,
        CefClassAndName = "malicious_file|Malicious File|",
        StixPath = stixPath,
        StixHashName = name,
        StixWatchlist = _fileWatchlist,
        MispType = word,
    };
}
