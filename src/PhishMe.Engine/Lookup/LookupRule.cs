namespace PhishMe.Engine.Lookup;

/// <summary>Why a key is looked up, and therefore which stored indicators count and what the match is called.</summary>
internal enum LookupRule
{
    /// <summary>The value itself.</summary>
    Same,

    /// <summary>The URL without its query.</summary>
    SameWithoutQuery,

    /// <summary>The host of the URL: stored domains and addresses count.</summary>
    Host,

    /// <summary>The domain of the e-mail address.</summary>
    EmailDomain,

    /// <summary>A domain above the host.</summary>
    Parent,

    /// <summary>A wildcard over the host.</summary>
    Wildcard,

    /// <summary>A network around the address.</summary>
    Network,
}
