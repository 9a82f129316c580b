using System.Collections.Concurrent;
using System.IO.Compression;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>
/// Compresses pages while they are written, so that none is ever in memory whole: a page of 1,000 objects takes a tenth of its length. Most readers take it as
/// it is; for the others it is unpacked while it is sent. The same page always gives the same bytes.
/// </summary>
internal sealed class TaxiiPacking
{
    /// <summary>What is shorter is not compressed.</summary>
    private const int LeastLength = 1024;

    /// <summary>Used again: buffers of this size that come and go are what garbage collections are slow with.</summary>
    private readonly ConcurrentBag<MemoryStream> _free = [];

    /// <summary>The answer with a body.</summary>
    /// <param name="write">Writes the body and says how long it is, in bytes.</param>
    public TaxiiAnswer Pack(Func<Stream, long> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var output = _free.TryTake(out var free) ? free : new MemoryStream();
        long length;
        using (var packed = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            length = write(packed);
        }

        var isWorthIt = length >= LeastLength;
        if (!isWorthIt)
        {
            output.SetLength(0);
            write(output);
        }

        var answer = new TaxiiAnswer { Status = 200, Body = output.ToArray(), PlainLength = isWorthIt ? length : null };
        output.SetLength(0);
        _free.Add(output);
        return answer;
    }
}
