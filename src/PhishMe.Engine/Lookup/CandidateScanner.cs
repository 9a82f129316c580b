using System.Buffers;
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
    private static readonly SearchValues<byte> _authorityEnds = SearchValues.Create("/?#\\'(),;|*"u8);

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
                if ((flags & Interesting) != 0 || i - start >= TokenScanner.ShortestHash)
                {
                    Word(text, start, i, flags, encodings, ref sink);
                }

                start = i + 1;
                flags = 0;
            }
        }

        if ((flags & Interesting) != 0 || text.Length - start >= TokenScanner.ShortestHash)
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

        // What is not encoded is not looked through for escapes again, part by part.
        Parts(word, (flags & Percent) == 0 ? MostEncodings : encodings, ref sink);
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

        TokenScanner.Scan(name[..length], ref sink);
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
            TokenScanner.Scan(text, ref sink);
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
            TokenScanner.Scan(text, ref sink);
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
