namespace PhishMe.Engine.Serving.Taxii;

/// <summary>A request of a reader.</summary>
internal sealed record TaxiiRequest
{
    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>The path, decoded, without the query.</summary>
    public required string Path { get; init; }

    /// <summary>The parameters of the query, decoded, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];

    /// <summary>The Accept header; null when the request has no such header.</summary>
    public string? Accept { get; init; }

    /// <summary>Scheme, host and port as the reader sees them, with a slash at the end.</summary>
    public required string Root { get; init; }
}
