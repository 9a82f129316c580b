namespace PhishMe.Engine.Lookup;

/// <summary>What a piece of text looks like.</summary>
internal enum CandidateKind
{
    /// <summary>A host name, an address or a hash.</summary>
    Token,

    /// <summary>An e-mail address.</summary>
    Email,

    /// <summary>A URL, up to the end of the word it stands in.</summary>
    Url,
}
