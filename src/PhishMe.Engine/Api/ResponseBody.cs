using System.Buffers;

namespace PhishMe.Engine.Api;

/// <summary>
/// The bytes of one answer in a pooled buffer. Whoever holds it last disposes it; slices of <see cref="Bytes"/> must not outlive it.
/// Pages are megabytes: pooling them keeps memory flat however long a backfill is.
/// </summary>
internal sealed class ResponseBody : IDisposable
{
    private const int FirstBuffer = 256 * 1024;

    private readonly int _start;
    private byte[] _buffer;

    private ResponseBody(byte[] buffer, int length, DateTimeOffset? servedAt)
    {
        _buffer = buffer;
        Length = length;
        ServedAt = servedAt;
        _start = IsMarkedJson(buffer.AsSpan(0, length)) ? Mark.Length : 0;
    }

    public int Length { get; }

    /// <summary>The <c>Date</c> of the answer: the server's clock.</summary>
    public DateTimeOffset? ServedAt { get; }

    /// <summary>The answer; of JSON without a byte order mark, which readers may ignore (RFC 8259, 8.1).</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(_start, Length - _start);

    private static ReadOnlySpan<byte> Mark => "\uFEFF"u8;

    /// <summary>Reads a body to its end.</summary>
    /// <exception cref="ApiException">The body is larger than <paramref name="maximumBytes"/>.</exception>
    public static async Task<ResponseBody> ReadAsync(HttpResponseMessage response, int maximumBytes, string where, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var hint = (int)Math.Min(response.Content.Headers.ContentLength + 1 ?? FirstBuffer, maximumBytes);
            var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(hint, 1024));
            var length = 0;
            try
            {
                while (true)
                {
                    var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                    if (read == 0)
                    {
                        break;
                    }

                    length += read;
                    if (length > maximumBytes)
                    {
                        throw new ApiException(ApiFailure.Answer, $"The answer is larger than {maximumBytes} bytes.", where);
                    }

                    if (length == buffer.Length)
                    {
                        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(buffer.Length * 2L, maximumBytes + 1L));
                        buffer.AsSpan(0, length).CopyTo(larger);
                        ArrayPool<byte>.Shared.Return(buffer);
                        buffer = larger;
                    }
                }

                var body = new ResponseBody(buffer, length, response.Headers.Date);
                buffer = [];
                return body;
            }
            finally
            {
                if (buffer.Length > 0)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
    }

    private static bool IsMarkedJson(ReadOnlySpan<byte> body) =>
        body.StartsWith(Mark) && body[Mark.Length..].TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];

    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
