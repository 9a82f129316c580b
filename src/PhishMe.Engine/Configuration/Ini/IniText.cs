using System.Text;

namespace PhishMe.Engine.Configuration.Ini;

/// <summary>The bytes of an ini file as text, and the way back: what was not changed comes out byte for byte as it went in.</summary>
/// <remarks>The original read and wrote the platform's encoding. Nearly always that is UTF-8; where the bytes are not UTF-8 they are taken
/// one to one (Latin-1), so that
/// nothing of the user's file is lost.</remarks>
internal sealed class IniText
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Encoding _encoding;
    private readonly byte[] _mark;

    private IniText(string text, Encoding encoding, byte[] mark, int? firstBadLine, bool isWide)
    {
        Text = text;
        _encoding = encoding;
        _mark = mark;
        FirstLineNotUtf8 = firstBadLine;
        IsWide = isWide;
    }

    /// <summary>The text without a byte order mark.</summary>
    public string Text { get; }

    /// <summary>The first line (from 1) whose bytes are not UTF-8; null when all are.</summary>
    public int? FirstLineNotUtf8 { get; }

    /// <summary>Whether the file is UTF-16 or UTF-32 (by its byte order mark or its NUL bytes), which no ini reader of the original's kind
    /// understands.</summary>
    public bool IsWide { get; }

    /// <summary>Takes the bytes of a file.</summary>
    /// <param name="bytes">All bytes of the file.</param>
    /// <returns>The text, empty when the file is <see cref="IsWide"/>.</returns>
    public static IniText Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith<byte>([0xFF, 0xFE]) || bytes.StartsWith<byte>([0xFE, 0xFF]) || bytes.Contains((byte)0))
        {
            return new IniText(string.Empty, StrictUtf8, [], firstBadLine: null, isWide: true);
        }

        var mark = bytes.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.GetPreamble() : [];
        var body = bytes[mark.Length..];
        try
        {
            return new IniText(StrictUtf8.GetString(body), StrictUtf8, mark, firstBadLine: null, isWide: false);
        }
        catch (DecoderFallbackException)
        {
            var good = LengthOfUtf8(body);
            var line = IniDocument.Parse(Encoding.Latin1.GetString(body[..good])).LineCount;
            return new IniText(Encoding.Latin1.GetString(body), Encoding.Latin1, mark, line, isWide: false);
        }
    }

    /// <summary>Gives the bytes of a changed text, in the encoding and with the byte order mark of the original.</summary>
    /// <param name="text">The changed text.</param>
    /// <returns>The bytes to write.</returns>
    public byte[] Encode(string text) => [.. _mark, .. _encoding.GetBytes(text)];

    private static int LengthOfUtf8(ReadOnlySpan<byte> bytes)
    {
        var length = 0;
        while (length < bytes.Length && Rune.DecodeFromUtf8(bytes[length..], out _, out var consumed) == System.Buffers.OperationStatus.Done)
        {
            length += consumed;
        }

        return length;
    }
}
