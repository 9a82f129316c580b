namespace PhishMe.Engine.Storage;

/// <summary>What a key of the index is made of.</summary>
internal enum KeySpace
{
    /// <summary>The normal form of the value.</summary>
    Value,

    /// <summary>A stored URL that has a query or a fragment, without them.</summary>
    UrlWithoutQuery,

    /// <summary>The host of a stored URL.</summary>
    UrlHost,
}
