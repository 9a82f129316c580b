namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>One request to a product, without credentials: those are added when it is sent.</summary>
internal sealed record HttpCall
{
    public required HttpMethod Method { get; init; }

    /// <summary>Path and query behind the address of the product, percent-encoded, exactly as they are sent and signed. Begins with a slash.</summary>
    public required string PathAndQuery { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Media type of the body; null for a call without one.</summary>
    public string? MediaType { get; init; }

    /// <summary>Headers besides those of credentials and body.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Whether it is sent without credentials, such as a request for a token.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>Whether 403 is an answer about the request, not about the credentials.</summary>
    public bool ForbiddenIsAnswer { get; init; }

    /// <summary>Whether 500 is an answer about the request, not about the state of the product: some answer so to one bad item.</summary>
    public bool ServerErrorIsAnswer { get; init; }

    /// <summary>
    /// Whether the product recognizes the call when it comes again. One that does not is sent at most twice when the connection breaks behind it.
    /// </summary>
    public bool IsRepeatable { get; init; } = true;

    /// <summary>
    /// Whether the caller looks at the product when the connection breaks behind the call, which is then not sent again: see
    /// <see cref="TargetStoppedException.IsAnswerLost"/>.
    /// </summary>
    public bool IsLookedAfter { get; init; }

    /// <summary>The path without the query, for messages.</summary>
    public string Path => PathAndQuery.Split('?', 2)[0];

    public static HttpCall Get(string pathAndQuery) => new() { Method = HttpMethod.Get, PathAndQuery = pathAndQuery };

    public static HttpCall Delete(string pathAndQuery) => new() { Method = HttpMethod.Delete, PathAndQuery = pathAndQuery };

    public static HttpCall Post(string pathAndQuery, ReadOnlyMemory<byte> body, string mediaType = "application/json") =>
        new() { Method = HttpMethod.Post, PathAndQuery = pathAndQuery, Body = body, MediaType = mediaType };
}
