namespace PhishMe.Engine.Serving.Taxii;

/// <summary>An answer, always in the media type of TAXII 2.1.</summary>
internal sealed record TaxiiAnswer
{
    public required int Status { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Headers beside the content type.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>How far it brings the reader of a collection; null when it is no page of one.</summary>
    public TaxiiPoll? Polled { get; init; }

    /// <summary>What keeps the store from being read, for the log; null when nothing does.</summary>
    public Exception? Trouble { get; init; }
}
