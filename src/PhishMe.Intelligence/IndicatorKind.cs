namespace PhishMe.Intelligence;

/// <summary>What the value of an <see cref="Indicator"/> is.</summary>
public enum IndicatorKind
{
    /// <summary>Something this version has no name for; the value is kept as received.</summary>
    Unknown,

    /// <summary>An IPv4 address.</summary>
    IPv4,

    /// <summary>An IPv6 address.</summary>
    IPv6,

    /// <summary>A domain or host name.</summary>
    Domain,

    /// <summary>A URL.</summary>
    Url,

    /// <summary>An e-mail address.</summary>
    Email,

    /// <summary>An MD5 hash of a file.</summary>
    Md5,

    /// <summary>A SHA-1 hash of a file.</summary>
    Sha1,

    /// <summary>A SHA-224 hash of a file.</summary>
    Sha224,

    /// <summary>A SHA-256 hash of a file.</summary>
    Sha256,

    /// <summary>A SHA-384 hash of a file.</summary>
    Sha384,

    /// <summary>A SHA-512 hash of a file.</summary>
    Sha512,

    /// <summary>A fuzzy hash of a file made by ssdeep.</summary>
    Ssdeep,

    /// <summary>The subject of a message.</summary>
    Subject,
}
