using System.Buffers;
using System.Text;
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
                // Nearly all words end here: without dot or colon there is no host and no URL, and they are too short for a hash.
                if ((flags & (Dot | Colon)) != 0 || i - start >= ShortestHash)
                {
                    sink.At(start);
                    Word(text[start..i], flags, ref sink);
                }

                start = i + 1;
                flags = 0;
            }
        }

        if ((flags & (Dot | Colon)) != 0 || text.Length - start >= ShortestHash)
        {
            sink.At(start);
            Word(text[start..], flags, ref sink);
        }
    }

    private static void Word<TSink>(ReadOnlySpan<byte> word, int flags, ref TSink sink)
        where TSink : ICandidateSink
    {
        if (word.Length < 4)
        {
            return;
        }

        if ((flags & Bracket) != 0 && word.Length <= LongestUrl && LooksDefanged(word))
        {
            var refanged = Encoding.UTF8.GetBytes(Defanged.Refang(Encoding.UTF8.GetString(word)));
            Parts(refanged, ref sink);
            return;
        }

        Parts(word, ref sink);
    }

    // [.] (.) [dot] [:] [at] and so on: the bracket and what follows it. Braces end a word, for the sake of JSON.
    private static bool LooksDefanged(ReadOnlySpan<byte> word)
    {
        for (var at = word.IndexOfAny("[("u8); at >= 0 && at + 2 < word.Length;)
        {
            if (".:/@dDaApP[("u8.Contains(word[at + 1]))
            {
                return true;
            }

            var next = word[(at + 1)..].IndexOfAny("[("u8);
            at = next < 0 ? -1 : at + 1 + next;
        }

        return false;
    }

    /// <summary>The URLs of a word, and what stands before, between and behind them.</summary>
    private static void Parts<TSink>(ReadOnlySpan<byte> word, ref TSink sink)
        where TSink : ICandidateSink
    {
        while (true)
        {
            var mark = word.IndexOf("://"u8);
            if (mark < 0)
            {
                Tokens(word, ref sink);
                return;
            }

            var start = mark;
            while (start > 0 && mark - start < LongestScheme && (char.IsAsciiLetterOrDigit((char)word[start - 1]) || word[start - 1] is (byte)'+' or (byte)'*'))
            {
                start--;
            }

            Tokens(word[..start], ref sink);
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

    private static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> authority)
    {
        var host = authority[(authority.LastIndexOf((byte)'@') + 1)..];
        if (host.StartsWith("["u8))
        {
            var close = host.IndexOf((byte)']');
            return close < 0 ? default : host[1..close];
        }

        host = host.TrimEnd(".]!"u8);
        var port = host.IndexOf((byte)':');
        return port < 0 ? host : host[..port];
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
            && token.Count((byte)'.') != 3)
        {
            return;
        }

        sink.Take(CandidateKind.Token, token, token);
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

        // The lead byte of the other full stops of internationalised names.
        for (var c = 0x80; c < 256; c++)
        {
            classes[c] = Dot;
        }

        return classes;
    }
}
