using System.IO.Compression;
using System.Runtime.InteropServices;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>An answer, always in the media type of TAXII 2.1.</summary>
internal sealed record TaxiiAnswer
{
    public required int Status { get; init; }

    /// <summary>The body, or what it is compressed to.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The length of the body in bytes when it is compressed with gzip; null when it is not.</summary>
    public long? PlainLength { get; init; }

    /// <summary>Headers beside the content type.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>How far it brings the reader of a collection; null when it is no page of one.</summary>
    public TaxiiPoll? Polled { get; init; }

    /// <summary>What keeps the store from being read, for the log; null when nothing does.</summary>
    public Exception? Trouble { get; init; }

    /// <summary>The body without compression.</summary>
    public Stream Unpack()
    {
        var body = MemoryMarshal.TryGetArray(Body, out var bytes) ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false) : new MemoryStream(Body.ToArray());
        return PlainLength is null ? body : new GZipStream(body, CompressionMode.Decompress);
    }
}
