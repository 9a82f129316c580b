using System.IO.Compression;
using System.Security.Cryptography;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// The text of a gzip file, of any number of members. Where the file is damaged or cut off, the text ends and <see cref="IsDamaged"/> says so. The class of
/// .NET takes a file that ends within a member for one that is complete; so, where the bytes end, a member of our own follows. What comes out of a complete
/// file ends with its content, what comes out of any other does not.
/// </summary>
internal sealed class GzipText : Stream
{
    /// <summary>Bytes unpacked at a time: those of the call that meets the damage are lost.</summary>
    private const int MostAtOnce = 16 * 1024;

    /// <summary>Zeros at the end of a file that are the padding of a tape or of a block device.</summary>
    private const int Padding = 16;

    private const int SealLength = 24;

    private readonly byte[] _seal = RandomNumberGenerator.GetBytes(SealLength);
    private readonly SealedStream _source;
    private readonly GZipStream _text;
    private bool _ended;

    /// <param name="source">The compressed bytes; left open.</param>
    public GzipText(Stream source)
    {
        using var member = new MemoryStream();
        using (var packed = new GZipStream(member, CompressionLevel.NoCompression, leaveOpen: true))
        {
            packed.Write(_seal);
        }

        _source = new SealedStream(source, member.ToArray());
        _text = new GZipStream(_source, CompressionMode.Decompress);
    }

    /// <summary>Whether the text ended before the file did, or the file before the text.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Bytes of the file that were read.</summary>
    public long BytesRead => _source.BytesRead;

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
        if (_ended || buffer.IsEmpty)
        {
            return 0;
        }

        try
        {
            buffer = buffer[..Math.Min(buffer.Length, MostAtOnce)];
            var read = _text.Read(buffer);
            if (read > 0 && !_source.HasEnded)
            {
                return read;
            }

            _ended = true;
            IsDamaged = !IsSeal(buffer[..read]) && !_source.EndsWithPadding(Padding);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            _ended = true;
            IsDamaged = !_source.EndsWithPadding(Padding);
        }

        return 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _text.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool IsSeal(ReadOnlySpan<byte> first)
    {
        Span<byte> rest = stackalloc byte[SealLength + 1];
        if (first.Length > SealLength)
        {
            return false;
        }

        first.CopyTo(rest);
        var length = first.Length;
        length += _text.ReadAtLeast(rest[length..], rest.Length - length, throwOnEndOfStream: false);
        return rest[..length].SequenceEqual(_seal);
    }

    /// <summary>The bytes of a stream, and then a member of gzip.</summary>
    private sealed class SealedStream(Stream source, byte[] member) : Stream
    {
        private int _given;
        private int _zeros;

        /// <summary>Whether all bytes of the source were handed over.</summary>
        public bool HasEnded { get; private set; }

        public long BytesRead { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        /// <summary>Reads the rest of the source, and says whether it ends with zeros.</summary>
        public bool EndsWithPadding(int least)
        {
            Span<byte> rest = stackalloc byte[1024];
            while (!HasEnded)
            {
                _ = Read(rest);
            }

            return _zeros >= least;
        }

        public override int Read(Span<byte> buffer)
        {
            if (!HasEnded)
            {
                var read = source.Read(buffer);
                if (read > 0)
                {
                    BytesRead += read;
                    var last = buffer[..read].LastIndexOfAnyExcept((byte)0);
                    _zeros = last < 0 ? Math.Min(_zeros + read, int.MaxValue / 2) : read - 1 - last;
                    return read;
                }

                HasEnded = true;
            }

            var length = Math.Min(buffer.Length, member.Length - _given);
            member.AsSpan(_given, length).CopyTo(buffer);
            _given += length;
            return length;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
