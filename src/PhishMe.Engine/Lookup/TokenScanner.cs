using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// Takes host names, addresses, hashes and e-mail addresses out of text that <see cref="CandidateScanner"/> has freed of URLs and escapes.
/// </summary>
internal static class TokenScanner
{
    /// <summary>Characters of an MD5 hash. A word that is shorter and has no dot, colon or bracket is nothing.</summary>
    public const int ShortestHash = 32;

    private const int LongestHash = 128;
    private const int LongestToken = 320;

    private static readonly SearchValues<byte> _tokenEnds = SearchValues.Create(
        [.. Enumerable.Range(0, 128).Select(c => (byte)c).Where(c => !char.IsAsciiLetterOrDigit((char)c) && !"-._@+".Contains((char)c))]);

    private static readonly SearchValues<byte> _addressSix = SearchValues.Create("0123456789abcdefABCDEF:."u8);
    private static readonly SearchValues<byte> _hex = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <summary>Offers the candidates of a piece of text that has no URL and no escape in it.</summary>
    public static void Scan<TSink>(ReadOnlySpan<byte> text, ref TSink sink)
        where TSink : ICandidateSink
    {
        if (text.Length < 4)
        {
            return;
        }

        if (text.Count((byte)':') >= 2)
        {
            AddressesSix(text, ref sink);
        }

        while (!text.IsEmpty)
        {
            var end = text.IndexOfAny(_tokenEnds);
            var token = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (token.ContainsAnyInRange((byte)0x80, (byte)0xFF))
            {
                Foreign(token, ref sink);
            }
            else
            {
                Token(token, ref sink);
            }
        }
    }

    /// <summary>Letters beyond ASCII belong to a name; quotation marks, dashes and blanks beyond ASCII end it.</summary>
    private static void Foreign<TSink>(ReadOnlySpan<byte> token, ref TSink sink)
        where TSink : ICandidateSink
    {
        var start = 0;
        for (var i = 0; i < token.Length;)
        {
            _ = Rune.DecodeFromUtf8(token[i..], out var rune, out var length);
            var ends = !rune.IsAscii && !Rune.IsLetterOrDigit(rune) && rune.Value is not (0x3002 or 0xFF0E or 0xFF61 or 0xAD or 0x200B)
                && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);
            if (ends)
            {
                Token(token[start..i], ref sink);
                start = i + length;
            }

            i += length;
        }

        Token(token[start..], ref sink);
    }

    private static void Token<TSink>(ReadOnlySpan<byte> token, ref TSink sink)
        where TSink : ICandidateSink
    {
        token = token.Trim(".-+@"u8);
        if (token.Length < 4 || token.Length > LongestToken)
        {
            return;
        }

        var dot = token.LastIndexOf((byte)'.');
        if (dot < 0)
        {
            if (token.Length is >= ShortestHash and <= LongestHash && !token.ContainsAnyExcept(_hex))
            {
                sink.Take(CandidateKind.Token, token, token);
            }

            // The dots of an internationalised name may be others than ours.
            else if (token.ContainsAnyInRange((byte)0x80, (byte)0xFF))
            {
                sink.Take(CandidateKind.Token, token, token);
            }

            return;
        }

        var at = token.LastIndexOf((byte)'@');
        if (at > 0 && at < dot)
        {
            sink.Take(CandidateKind.Email, token, token);
            return;
        }

        if (token.IndexOf((byte)'+') is var plus and >= 0)
        {
            // Only an e-mail address has one.
            Token(token[..plus], ref sink);
            Token(token[(plus + 1)..], ref sink);
            return;
        }

        // A version or a sum of money is no name, and no address unless it has four parts.
        if (char.IsAsciiDigit((char)token[^1]) && char.IsAsciiDigit((char)token[dot + 1]) && !token[(dot + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && token.Count((byte)'.') is var dots and not 3)
        {
            if (dots == 4 && IsAddressOfPort(token))
            {
                sink.Take(CandidateKind.Token, token[..dot], token[..dot]);
            }

            return;
        }

        sink.Take(CandidateKind.Token, token, token);
    }

    /// <summary><c>203.0.113.7.443</c>: nothing but four numbers and a port, none of them with a leading zero.</summary>
    private static bool IsAddressOfPort(ReadOnlySpan<byte> token)
    {
        var number = 0;
        foreach (var range in token.Split((byte)'.'))
        {
            var part = token[range];
            if (part.Length is 0 or > 5 || (part[0] == '0' && part.Length > 1) || !Utf8Parser.TryParse(part, out int value, out var used) || used < part.Length
                || value > (number < 4 ? 255 : 65535) || (number == 4 && value == 0))
            {
                return false;
            }

            number++;
        }

        return true;
    }

    private static bool IsWordByte(byte c) => char.IsAsciiLetterOrDigit((char)c) || c is (byte)'_' or >= 0x80;

    private static void AddressesSix<TSink>(ReadOnlySpan<byte> text, ref TSink sink)
        where TSink : ICandidateSink
    {
        while (!text.IsEmpty)
        {
            var start = text.IndexOfAny(_addressSix);
            if (start < 0)
            {
                return;
            }

            var begins = start == 0 || !IsWordByte(text[start - 1]);
            text = text[start..];
            var length = text.IndexOfAnyExcept(_addressSix);
            length = length < 0 ? text.Length : length;

            // Code has double colons, too: what is part of a word is no address.
            var ends = length == text.Length || text[length - 1] == '.' || !IsWordByte(text[length]);
            var run = text[..length].TrimEnd((byte)'.');
            if (run.EndsWith(":"u8) && !run.EndsWith("::"u8))
            {
                run = run[..^1];
            }

            // 'address.port' of tcpdump.
            if (run.IndexOf((byte)'.') is > 0 and var dot && dot == run.LastIndexOf((byte)'.'))
            {
                run = run[..dot];
            }

            // Times have colons too, but neither '::' nor seven of them. An address that ends in one of version four is taken as that.
            if (begins && ends && run.Length is >= 3 and <= 45 && !run.Contains((byte)'.') && (run.IndexOf("::"u8) >= 0 || run.Count((byte)':') == 7))
            {
                sink.Take(CandidateKind.Token, run, run);
            }

            text = text[length..];
        }
    }
}
