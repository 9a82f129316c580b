using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// The text of a file that may be compressed, as rotated logs are: what it is shows in its first bytes, whatever its name says. Gzip is unpacked while it
/// is read; other compressions are named, because a search in packed bytes would find nothing and look like a clean log.
/// </summary>
internal sealed class PlainText : IDisposable
{
    private const int LongestMagic = 8;
    private static readonly byte[] _gzip = [0x1F, 0x8B, 0x08];

    private static readonly (byte[] Magic, string Name, string Tool)[] _others =
    [
        ([0x28, 0xB5, 0x2F, 0xFD], "Zstandard", "zstd -dc"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz", "xz -dc"),
        ("BZh"u8.ToArray(), "bzip2", "bzip2 -dc"),
        ([0x50, 0x4B, 0x03, 0x04], "zip", "unzip -p"),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7-Zip", "7z x -so"),
        ([0x04, 0x22, 0x4D, 0x18], "LZ4", "lz4 -dc"),
        ([0x1F, 0x9D], "compress", "zcat"),
    ];

    private readonly Stream _source;
    private readonly string? _path;

    private PlainText(Stream source, Stream text, string? path)
    {
        _source = source;
        _path = path;
        Text = text;
    }

    /// <summary>The text, unpacked.</summary>
    public Stream Text { get; }

    /// <summary>Looks at the beginning of a stream.</summary>
    /// <param name="source">The stream; it is read forward only and left open.</param>
    /// <param name="path">What it is called in messages; null when it has no name.</param>
    /// <exception cref="PhishMeException">It is compressed in a way that is not read.</exception>
    public static PlainText Open(Stream source, string? path)
    {
        var head = new byte[LongestMagic];
        var length = source.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        head = head[..length];
        Stream whole = new PrefixedStream(head, source);
        if (head.AsSpan().StartsWith(_gzip))
        {
            return new PlainText(source, new GzipText(whole), path);
        }

        foreach ((var magic, var name, var tool) in _others)
        {
            if (head.AsSpan().StartsWith(magic))
            {
                throw new PhishMeException(
                    Faults.InputUnreadable, $"The file is compressed with {name}. Unpack it first, for instance with '{tool}'; gzip is read as it is.", path);
            }
        }

        return new PlainText(source, whole, path);
    }

    /// <summary>Whether the text ends before the file does: it is compressed, and damaged or cut off.</summary>
    public bool IsCutOff => Text is GzipText { IsDamaged: true };

    /// <summary>Says that the text was cut off, when it was.</summary>
    /// <param name="line">The number of the line in which it ended.</param>
    /// <exception cref="PhishMeException">It was.</exception>
    public void ThrowIfCutOff(long line)
    {
        if (Text is GzipText { IsDamaged: true } gzip)
        {
            throw new PhishMeException(
                Faults.InputUnreadable,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The gzip file is damaged or cut off in line {line} of its text, within the first {gzip.BytesRead} bytes of the file. Everything before that was searched."),
                _path);
        }
    }

    public void Dispose()
    {
        if (!ReferenceEquals(Text, _source))
        {
            Text.Dispose();
        }
    }

    /// <summary>Bytes that were read ahead, and then the rest; forward only.</summary>
    private sealed class PrefixedStream(byte[] head, Stream rest) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            if (_at == head.Length)
            {
                return rest.Read(buffer);
            }

            var length = Math.Min(buffer.Length, head.Length - _at);
            head.AsSpan(_at, length).CopyTo(buffer);
            _at += length;
            return length;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
