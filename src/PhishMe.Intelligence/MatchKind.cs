namespace PhishMe.Intelligence;

/// <summary>How a value met an indicator of the store, most precise first.</summary>
public enum MatchKind
{
    /// <summary>The values are the same.</summary>
    Exact,

    /// <summary>The hash of a file is the same.</summary>
    Hash,

    /// <summary>It is a sender of the threat's messages: the same address or host, or an e-mail address at a sender domain.</summary>
    Sender,

    /// <summary>The URLs are the same up to query and fragment.</summary>
    UrlWithoutQuery,

    /// <summary>The host of a URL: of the URL asked for, of the URL stored, or of both.</summary>
    UrlHost,

    /// <summary>A stored wildcard such as <c>*.evil.example</c> covers the host.</summary>
    WildcardDomain,

    /// <summary>A stored domain stands above the host, or is the domain of the e-mail address.</summary>
    ParentDomain,

    /// <summary>An address lies in a network: a stored address in the network asked for, or the address asked for in a stored network.</summary>
    Cidr,
}
