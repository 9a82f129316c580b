using System.Buffers;
using System.Buffers.Text;
using System.Text;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// Takes URLs, host names, addresses, hashes and e-mail addresses out of any text: logs, CSV, JSON, prose, defanged or not. It would rather offer too
/// much than too little: what is no indicator is not found. One pass over the bytes; lines mean nothing to it.
/// </summary>
internal static class CandidateScanner
{
    private const int ShortestHash = 32;
    private const int LongestHash = 128;
    private const int LongestToken = 320;
    private const int LongestUrl = 8192;
    private const int LongestScheme = 12;

    private const byte Delimiter = 1;
    private const byte Dot = 2;
    private const byte Colon = 4;
    private const byte Bracket = 8;
    private const byte At = 16;
    private const byte Percent = 32;
    private const byte Backslash = 64;

    /// <summary>Flags without which a short word is nothing.</summary>
    private const int Interesting = Dot | Colon | Bracket | Percent;

    /// <summary>How often a link in a link may be encoded.</summary>
    private const int MostEncodings = 5;

    private const int OnStack = 512;

    private static readonly byte[] _classes = Classes();
    private static readonly SearchValues<byte> _tokenEnds = SearchValues.Create(
        [.. Enumerable.Range(0, 128).Select(c => (byte)c).Where(c => !char.IsAsciiLetterOrDigit((char)c) && !"-._@+".Contains((char)c))]);

    private static readonly SearchValues<byte> _authorityEnds = SearchValues.Create("/?#\\'(),;|*"u8);
    private static readonly SearchValues<byte> _addressSix = SearchValues.Create("0123456789abcdefABCDEF:."u8);
    private static readonly SearchValues<byte> _hex = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <summary>Where a text may be cut without cutting a word; -1 when it is one word.</summary>
    public static int LastBreak(ReadOnlySpan<byte> text)
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            if ((_classes[text[i]] & Delimiter) != 0)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Offers the candidates of a piece of text that ends with a word's end.</summary>
    public static void Scan<TSink>(ReadOnlySpan<byte> text, ref TSink sink)
        where TSink : ICandidateSink => Words(text, encodings: 0, ref sink);

    /// <param name="text">The text.</param>
    /// <param name="encodings">How often the text was decoded; 0 for the text itself, whose offsets the sink is given.</param>
    /// <param name="sink">Gets the candidates.</param>
    private static void Words<TSink>(ReadOnlySpan<byte> text, int encodings, ref TSink sink)
        where TSink : ICandidateSink
    {
        var start = 0;
        var flags = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var found = _classes[text[i]];
            flags |= found;
            if (found == Delimiter)
            {
                // Nearly all words end here: without dot, colon, bracket or escape there is no host and no URL, and they are too short for a hash.
                if ((flags & Interesting) != 0 || i - start >= ShortestHash)
                {
                    Word(text, start, i, flags, encodings, ref sink);
                }

                start = i + 1;
                flags = 0;
            }
        }

        if ((flags & Interesting) != 0 || text.Length - start >= ShortestHash)
        {
            Word(text, start, text.Length, flags, encodings, ref sink);
        }
    }

    private static void Word<TSink>(ReadOnlySpan<byte> text, int start, int end, int flags, int encodings, ref TSink sink)
        where TSink : ICandidateSink
    {
        var word = text[start..end];
        if (word.Length < 4)
        {
            return;
        }

        if (encodings == 0)
        {
            sink.At(start);
        }

        if ((flags & (Bracket | Backslash)) != 0 && word.Length <= LongestUrl)
        {
            if ((flags & Bracket) != 0 && word[0] == '(' && Prefixed(word, ref sink))
            {
                return;
            }

            if ((flags & Backslash) != 0 && HasEscapedSlashes(word))
            {
                word = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(word).Replace("\\/", "/", StringComparison.Ordinal).Replace('\\', '/'));
            }

            if ((flags & Bracket) != 0 && LooksDefanged(word))
            {
                word = Encoding.UTF8.GetBytes(Defanged.Refang(Encoding.UTF8.GetString(word)));
            }
        }

        Parts(word, encodings, ref sink);
    }

    /// <summary>A name as the DNS server of Windows writes it, each label behind its length.</summary>
    private static bool Prefixed<TSink>(ReadOnlySpan<byte> word, ref TSink sink)
        where TSink : ICandidateSink
    {
        Span<byte> name = stackalloc byte[OnStack];
        if (word.Length > OnStack || WrittenValue.LengthPrefixed(word.TrimEnd(",;."u8), name) is not (> 0 and var length))
        {
            return false;
        }

        Tokens(name[..length], ref sink);
        return true;
    }

    // 'http:\/\/' of JSON, 'http:\\' of people.
    private static bool HasEscapedSlashes(ReadOnlySpan<byte> word) => word.IndexOf(":\\/\\/"u8) >= 0 || word.IndexOf("tp:\\\\"u8) >= 0 || word.IndexOf("tps:\\\\"u8) >= 0;

    // [.] (.) [dot] [:] [at] http[s] and so on: the bracket and what follows it. Braces end a word, for the sake of JSON.
    private static bool LooksDefanged(ReadOnlySpan<byte> word)
    {
        if (word.IndexOf(".]"u8) >= 0 || word.IndexOf(".)"u8) >= 0)
        {
            return true;
        }

        for (var at = word.IndexOfAny("[("u8); at >= 0 && at + 2 < word.Length;)
        {
            if (".:/@dDaApP[("u8.Contains(word[at + 1]) || (at + 3 < word.Length && "sSxXtT*"u8.Contains(word[at + 1]) && ")]*xXtT"u8.Contains(word[at + 2])))
            {
                return true;
            }

            var next = word[(at + 1)..].IndexOfAny("[("u8);
            at = next < 0 ? -1 : at + 1 + next;
        }

        return false;
    }

    /// <summary>The URLs of a word, and what stands before, between and behind them.</summary>
    private static void Parts<TSink>(ReadOnlySpan<byte> word, int encodings, ref TSink sink)
        where TSink : ICandidateSink
    {
        while (true)
        {
            var mark = word.IndexOf("://"u8);
            if (mark < 0)
            {
                Loose(word, encodings, ref sink);
                return;
            }

            var start = mark;
            while (start > 0 && mark - start < LongestScheme && (char.IsAsciiLetterOrDigit((char)word[start - 1]) || word[start - 1] is (byte)'+' or (byte)'*'))
            {
                start--;
            }

            Loose(word[..start], encodings, ref sink);
            var authority = word[(mark + 3)..];
            var end = authority.IndexOfAny(_authorityEnds);
            end = end < 0 ? authority.Length : end;
            if (start < mark)
            {
                var url = word[start..Math.Min(word.Length, start + LongestUrl)].TrimEnd(".,;:!?)]'*"u8);
                var host = HostOf(authority[..end]);
                if (!host.IsEmpty)
                {
                    sink.Take(CandidateKind.Url, url, host);
                }
            }

            // A redirector carries another URL or host in its path or query.
            word = authority[end..];
        }
    }

    /// <summary>
    /// What stands outside of URLs. Where it is percent-encoded, it is decoded as whoever follows the link decodes it: parameter by parameter, so that
    /// what follows the next <c>&amp;</c> does not become a part of the link.
    /// </summary>
    private static void Loose<TSink>(ReadOnlySpan<byte> text, int encodings, ref TSink sink)
        where TSink : ICandidateSink
    {
        if (encodings == MostEncodings || text.IndexOf((byte)'%') < 0)
        {
            Tokens(text, ref sink);
            return;
        }

        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'&');
            var parameter = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            Decoded(parameter, encodings, ref sink);
        }
    }

    private static void Decoded<TSink>(ReadOnlySpan<byte> text, int encodings, ref TSink sink)
        where TSink : ICandidateSink
    {
        var rented = text.Length > OnStack ? ArrayPool<byte>.Shared.Rent(text.Length) : null;
        var decoded = rented ?? stackalloc byte[OnStack];
        var length = PercentText.Decode(text, decoded);
        if (length < text.Length)
        {
            Words(decoded[..length], encodings + 1, ref sink);
        }
        else
        {
            Tokens(text, ref sink);
        }

        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> authority)
    {
        var host = authority[(authority.LastIndexOf((byte)'@') + 1)..];
        if (host.StartsWith("["u8))
        {
            var close = host.IndexOf((byte)']');
            return close < 0 ? default : host[1..close];
        }

        // A link that is encoded in part: the host ends where an encoded delimiter stands.
        for (var mark = host.IndexOf((byte)'%'); mark >= 0;)
        {
            if (PercentText.TryReadEscape(host[mark..], out var value) && value < 0x80 && value != '%' && !char.IsAsciiLetterOrDigit((char)value) && !"-._"u8.Contains(value))
            {
                host = host[..mark];
                break;
            }

            var next = host[(mark + 1)..].IndexOf((byte)'%');
            mark = next < 0 ? -1 : mark + 1 + next;
        }

        // No name ends with an underscore, but links that a mail gateway rewrote do.
        var port = host.IndexOf((byte)':');
        return (port < 0 ? host : host[..port]).TrimEnd(".]!_&="u8);
    }

    private static void Tokens<TSink>(ReadOnlySpan<byte> text, ref TSink sink)
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
                && Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark);
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

            text = text[start..];
            var length = text.IndexOfAnyExcept(_addressSix);
            length = length < 0 ? text.Length : length;
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
            if (run.Length is >= 3 and <= 45 && !run.Contains((byte)'.') && (run.IndexOf("::"u8) >= 0 || run.Count((byte)':') == 7))
            {
                sink.Take(CandidateKind.Token, run, run);
            }

            text = text[length..];
        }
    }

    private static byte[] Classes()
    {
        var classes = new byte[256];
        for (var c = 0; c <= ' '; c++)
        {
            classes[c] = Delimiter;
        }

        foreach (var c in "\"<>`^|{}\x7f"u8)
        {
            classes[c] = Delimiter;
        }

        classes['.'] = Dot;
        classes[':'] = Colon;
        classes['['] = classes['('] = Bracket;
        classes['@'] = At;
        classes['%'] = Percent;
        classes['\\'] = Backslash;

        // The lead byte of the other full stops of internationalised names.
        for (var c = 0x80; c < 256; c++)
        {
            classes[c] = Dot;
        }

        return classes;
    }
}
