namespace PhishMe.Engine.Indicators;

/// <summary>How the value of an indicator is written. Rules about values look at this, so that a new kind of a known shape needs no rule of its own.</summary>
internal enum IndicatorShape
{
    /// <summary>As received; no rule knows it.</summary>
    Unknown,

    /// <summary>An IP address, also with a prefix length.</summary>
    Address,

    /// <summary>A host or domain name.</summary>
    Name,

    /// <summary>A URL.</summary>
    Url,

    /// <summary>An e-mail address.</summary>
    Mailbox,

    /// <summary>A hash in hexadecimal digits.</summary>
    Hash,

    /// <summary>A hash by ssdeep.</summary>
    FuzzyHash,

    /// <summary>Words.</summary>
    Text,
}
