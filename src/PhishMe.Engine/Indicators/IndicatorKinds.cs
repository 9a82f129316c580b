using PhishMe.Intelligence;

namespace PhishMe.Engine.Indicators;

/// <summary>The descriptors of all kinds of indicators.</summary>
internal static class IndicatorKinds
{
    private static readonly (string, string) _fileWatchlist = ("File associated with malware infection", "File Hash Watchlist");

    private static readonly IndicatorKindDescriptor _unknown = new() { Kind = IndicatorKind.Unknown, Word = "unknown", Shape = IndicatorShape.Unknown, CanBeBlocked = false };

    private static readonly IndicatorKindDescriptor _ipv4 = new()
    {
        Kind = IndicatorKind.IPv4,
        Word = "ipv4",
        Shape = IndicatorShape.Address,
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
        Shape = IndicatorShape.Address,
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
        Shape = IndicatorShape.Name,
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
        Shape = IndicatorShape.Url,
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
        Shape = IndicatorShape.Mailbox,
        CanBeBlocked = true,
        StixPath = "email-addr:value",
        StixWatchlist = ("Watchlist Email", "Malicious E-mail"),
        MispType = "email-dst",
        MispSenderType = "email-src",
    };

    private static readonly IndicatorKindDescriptor _md5 = Hash(IndicatorKind.Md5, "md5", "file:hashes.MD5", "MD5", "d41d8cd98f00b204e9800998ecf8427e");

    private static readonly IndicatorKindDescriptor _sha1 = Hash(
        IndicatorKind.Sha1, "sha1", "file:hashes.'SHA-1'", "SHA1", "da39a3ee5e6b4b0d3255bfef95601890afd80709");

    private static readonly IndicatorKindDescriptor _sha224 = Hash(
        IndicatorKind.Sha224, "sha224", "file:hashes.'SHA-224'", "SHA224", "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f");

    private static readonly IndicatorKindDescriptor _sha256 = Hash(
        IndicatorKind.Sha256, "sha256", "file:hashes.'SHA-256'", "SHA256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    private static readonly IndicatorKindDescriptor _sha384 = Hash(
        IndicatorKind.Sha384, "sha384", "file:hashes.'SHA-384'", "SHA384",
        "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b");

    private static readonly IndicatorKindDescriptor _sha512 = Hash(
        IndicatorKind.Sha512, "sha512", "file:hashes.'SHA-512'", "SHA512",
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e");

    private static readonly IndicatorKindDescriptor _ssdeep = Hash(IndicatorKind.Ssdeep, "ssdeep", "file:hashes.SSDEEP", "SSDEEP", emptyFile: null);

    private static readonly IndicatorKindDescriptor _subject = new()
    {
        Kind = IndicatorKind.Subject,
        Word = "subject",
        Shape = IndicatorShape.Text,
        CanBeBlocked = false,
        StixPath = "email-message:subject",
        MispType = "email-subject",
    };

    private static readonly IndicatorKindDescriptor[] _hashes = [_md5, _sha1, _sha224, _sha256, _sha384, _sha512];

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

    /// <summary>The plain hash with this many hexadecimal digits; <see cref="IndicatorKind.Unknown"/> when no hash has as many.</summary>
    public static IndicatorKind OfHash(int length)
    {
        foreach (var hash in _hashes)
        {
            if (hash.HashLength == length)
            {
                return hash.Kind;
            }
        }

        return IndicatorKind.Unknown;
    }

    private static IndicatorKindDescriptor Hash(IndicatorKind kind, string word, string stixPath, string name, string? emptyFile) => new()
    {
        Kind = kind,
        Word = word,
        Shape = emptyFile is null ? IndicatorShape.FuzzyHash : IndicatorShape.Hash,
        HashLength = emptyFile?.Length,
        EmptyFile = emptyFile,
        CanBeBlocked = true,
        CefClassAndName = "malicious_file|Malicious File|",
        StixPath = stixPath,
        StixHashName = name,
        StixWatchlist = _fileWatchlist,
        MispType = word,
    };
}
