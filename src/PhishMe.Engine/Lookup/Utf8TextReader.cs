using System.Text;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// Reads text as UTF-8 whatever it is in: UTF-8 with or without byte order mark, UTF-16 and UTF-32 of either byte order, UTF-16 without a mark when
/// its zero bytes give it away. Anything else passes as it is: what is looked for is ASCII in nearly every encoding.
/// </summary>
internal sealed class Utf8TextReader(Stream text)
{
    private const int Chunk = 16 * 1024;
    private readonly byte[] _raw = new byte[Chunk];
    private readonly char[] _chars = new char[Chunk];
    private Decoder? _decoder;
    private Encoder? _encoder;
    private int _start;
    private int _end;
    private bool _begun;

    /// <summary>Reads on.</summary>
    /// <returns>Bytes of UTF-8; 0 at the end only.</returns>
    public int Read(Span<byte> target)
    {
        if (!_begun)
        {
            Begin();
        }

        if (_decoder is null)
        {
            if (_start < _end)
            {
                var taken = Math.Min(target.Length, _end - _start);
                _raw.AsSpan(_start, taken).CopyTo(target);
                _start += taken;
                return taken;
            }

            return text.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        }

        return Transcode(target);
    }

    private int Transcode(Span<byte> target)
    {
        var written = 0;

        // Two bytes become three at most.
        while (target.Length - written >= Chunk * 2)
        {
            if (_start == _end)
            {
                _start = 0;
                _end = text.ReadAtLeast(_raw, _raw.Length, throwOnEndOfStream: false);
            }

            var last = _end == 0;
            var chars = _decoder!.GetChars(_raw.AsSpan(_start, _end - _start), _chars, flush: last);
            _start = _end;
            written += _encoder!.GetBytes(_chars.AsSpan(0, chars), target[written..], flush: last);
            if (last)
            {
                break;
            }
        }

        return written;
    }

    private void Begin()
    {
        _begun = true;
        _end = text.ReadAtLeast(_raw, _raw.Length, throwOnEndOfStream: false);
        Encoding? encoding = null;
        ReadOnlySpan<byte> raw = _raw.AsSpan(0, _end);
        if (raw.StartsWith("\uFEFF"u8))
        {
            _start = 3;
        }
        else if (raw.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0]) || raw.StartsWith((ReadOnlySpan<byte>)[0, 0, 0xFE, 0xFF]))
        {
            encoding = new UTF32Encoding(bigEndian: raw[0] == 0, byteOrderMark: true);
            _start = 4;
        }
        else if (raw.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || raw.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            encoding = new UnicodeEncoding(bigEndian: raw[0] == 0xFE, byteOrderMark: true);
            _start = 2;
        }
        else if (LooksLikeUtf16(raw, out var bigEndian))
        {
            encoding = new UnicodeEncoding(bigEndian, byteOrderMark: false);
        }

        _decoder = encoding?.GetDecoder();
        _encoder = encoding is null ? null : Encoding.UTF8.GetEncoder();
    }

    private static bool LooksLikeUtf16(ReadOnlySpan<byte> raw, out bool bigEndian)
    {
        int even = 0, odd = 0;
        for (var i = 0; i + 1 < raw.Length; i += 2)
        {
            even += raw[i] == 0 ? 1 : 0;
            odd += raw[i + 1] == 0 ? 1 : 0;
        }

        bigEndian = even > odd;
        var pairs = raw.Length / 2;
        return pairs >= 4 && Math.Max(even, odd) > pairs * 7 / 10 && Math.Min(even, odd) < pairs / 10;
    }
}
