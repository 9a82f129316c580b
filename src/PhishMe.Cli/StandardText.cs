using System.Text;

namespace PhishMe.Cli;

/// <summary>
/// Standard input and output as text, the same on every system: output is UTF-8; input is UTF-8, or UTF-16 or UTF-32 with a byte order mark, or UTF-16
/// that its zero bytes give away. The code page of a Windows console has no say when text goes to a file or a pipe.
/// </summary>
public static class StandardText
{
    private const int BufferSize = 32 * 1024;

    /// <summary>Reads text from a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <returns>The reader, which owns the stream.</returns>
    public static StreamReader Reader(Stream stream) =>
        new(new MarkedStream(stream), Encoding.UTF8, detectEncodingFromByteOrderMarks: true, BufferSize);

    /// <summary>Writes text to a stream, line by line.</summary>
    /// <param name="stream">The stream.</param>
    /// <returns>The writer, which owns the stream.</returns>
    public static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };

    /// <summary>Lets a Windows console show UTF-8. Does nothing elsewhere, or where there is no console.</summary>
    public static void ShowInConsole()
    {
        try
        {
            if (OperatingSystem.IsWindows() && !(Console.IsOutputRedirected && Console.IsErrorRedirected))
            {
                Console.OutputEncoding = Encoding.UTF8;
            }
        }
        catch (IOException)
        {
            // No console after all.
        }
    }

    /// <summary>Puts a byte order mark before UTF-16 that has none, so that the reader sees what it is. Decides by the first bytes that arrive and never waits for more.</summary>
    private sealed class MarkedStream(Stream inner) : Stream
    {
        private const int MarkLength = 2;
        private bool _begun;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_begun || buffer.Length <= MarkLength)
            {
                return inner.Read(buffer);
            }

            return Begin(buffer, inner.Read(buffer[MarkLength..]));
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_begun || buffer.Length <= MarkLength)
            {
                return await inner.ReadAsync(buffer, cancellationToken);
            }

            var length = await inner.ReadAsync(buffer[MarkLength..], cancellationToken);
            return Begin(buffer.Span, length);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        /// <summary>The bytes lie behind a gap for the mark: it is filled or closed.</summary>
        private int Begin(Span<byte> buffer, int length)
        {
            _begun = true;
            var bytes = buffer.Slice(MarkLength, length);
            if (MarkOf(bytes) is [var first, var second])
            {
                buffer[0] = first;
                buffer[1] = second;
                return length + MarkLength;
            }

            bytes.CopyTo(buffer);
            return length;
        }

        private static byte[]? MarkOf(ReadOnlySpan<byte> bytes)
        {
            if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            {
                return null; // marked already
            }

            int even = 0, odd = 0;
            for (var i = 0; i + 1 < bytes.Length; i += 2)
            {
                even += bytes[i] == 0 ? 1 : 0;
                odd += bytes[i + 1] == 0 ? 1 : 0;
            }

            var pairs = bytes.Length / 2;
            var isWide = pairs >= 4 && Math.Max(even, odd) > pairs * 7 / 10 && Math.Min(even, odd) < Math.Max(1, pairs / 10);
            return !isWide ? null : even > odd ? [0xFE, 0xFF] : [0xFF, 0xFE];
        }
    }
}
