using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>
/// Takes a CEF answer apart without changing a byte. Lines end at CR, LF or CRLF only - never at the "universal" line breaks of other splitters -
/// and are read by key, never by position: order and vendor string are not documented (reference/cef.md §1 and §3).
/// </summary>
internal static class CefLineReader
{
    // Version, vendor, product, device version, class, name, severity: the extension begins after as many pipes.
    private const int HeaderPipes = 7;
    private const int ProductField = 2;

    private static readonly SearchValues<byte> _keyCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"u8);

    private static readonly string[] _dateForms =
    [
        "MMM dd yyyy HH:mm:ss", "MMM dd yyyy HH:mm:ss.fff", "MMM d yyyy HH:mm:ss", "MMM d yyyy HH:mm:ss.fff",
        "MMM dd yyyy HH:mm:ss 'UTC'", "MMM dd yyyy HH:mm:ss.fff 'UTC'", "MMM dd yyyy HH:mm:ss 'GMT'", "MMM dd yyyy HH:mm:ss.fff 'GMT'",
        "MMM dd yyyy HH:mm:ss zzz", "MMM dd yyyy HH:mm:ss.fff zzz",
    ];

    /// <summary>Splits a body into lines; blank ones are skipped.</summary>
    /// <param name="body">The UTF-8 bytes of the answer.</param>
    /// <returns>The lines in order, as slices of <paramref name="body"/>.</returns>
    public static IEnumerable<CefLine> Read(ReadOnlyMemory<byte> body)
    {
        var rest = body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;
        while (!rest.IsEmpty)
        {
            // CRLF is a break and an empty line, which is skipped like any other.
            var end = rest.Span.IndexOfAny((byte)'\r', (byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (line.Span.ContainsAnyExcept((byte)' ', (byte)'\t'))
            {
                yield return Parse(line);
            }
        }
    }

    /// <summary>Puts the lines of each threat together, whether they come one after another or not.</summary>
    /// <param name="body">The UTF-8 bytes of the answer.</param>
    /// <returns>Threats in order of first appearance, and the lines without one.</returns>
    public static CefThreats GroupByThreat(ReadOnlyMemory<byte> body)
    {
        var order = new List<ThreatId>();
        var groups = new Dictionary<ThreatId, (List<ReadOnlyMemory<byte>> Lines, DateTimeOffset? First)>();
        var strays = new List<CefLine>();
        foreach (var line in Read(body))
        {
            if (line.Id is not { } id)
            {
                strays.Add(line);
                continue;
            }

            ref var group =
                ref CollectionsMarshal.GetValueRefOrAddDefault(groups, id, out var known);
            if (!known)
            {
                group.Lines = [];
                order.Add(id);
            }

            group.Lines.Add(line.Bytes);
            group.First ??= line.FirstPublished;
        }

        var threats = new List<CefThreat>(order.Count);
        foreach (var id in order)
        {
            threats.Add(new CefThreat { Id = id, Lines = groups[id].Lines, FirstPublished = groups[id].First });
        }

        return new CefThreats { Threats = threats, Strays = strays };
    }

    /// <summary>Reads one line.</summary>
    /// <param name="line">The line without its break.</param>
    /// <returns>The line with what it tells.</returns>
    public static CefLine Parse(ReadOnlyMemory<byte> line)
    {
        var text = line.Span;
        var start = text.IndexOf("CEF:"u8);
        if (start < 0)
        {
            return new CefLine(line, null, null, "no CEF header");
        }

        if (!SplitHeader(text[start..], out var product, out var extension))
        {
            return new CefLine(line, null, null, "incomplete CEF header");
        }

        ReadExtension(extension, out var number, out var date);
        var first = DateOf(date);
        if (TypeOf(product) is not { } type)
        {
            return new CefLine(line, null, first, "unknown device product");
        }

        if (number.IsEmpty)
        {
            return new CefLine(line, null, first, "no externalId");
        }

        return !Utf8Parser.TryParse(number, out long id, out var used) || used != number.Length || id < 0 || !char.IsAsciiDigit((char)number[0])
            ? new CefLine(line, null, first, "externalId is not a number")
            : new CefLine(line, new ThreatId(type, id), first, null);
    }

    private static bool SplitHeader(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> product, out ReadOnlySpan<byte> extension)
    {
        product = default;
        extension = default;
        int field = 0, begin = 0;
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOfAny((byte)'|', (byte)'\\');
            if (next < 0)
            {
                return false;
            }

            at += next;
            if (text[at] == (byte)'\\')
            {
                at += 2;
                continue;
            }

            if (field == ProductField)
            {
                product = text[begin..at];
            }

            at++;
            begin = at;
            if (++field == HeaderPipes)
            {
                extension = text[begin..];
                return true;
            }
        }

        return false;
    }

    // Of a key given twice the first counts: later values may hold text of an attacker's choice.
    private static void ReadExtension(ReadOnlySpan<byte> extension, out ReadOnlySpan<byte> number, out ReadOnlySpan<byte> date)
    {
        number = default;
        date = default;
        ReadOnlySpan<byte> key = default;
        var valueStart = 0;
        var at = 0;
        while (true)
        {
            var keyStart = 0;
            var equals = NextKey(extension, at, ref keyStart);
            if (!key.IsEmpty)
            {
                var value = extension[valueStart..(equals < 0 ? extension.Length : keyStart)].Trim(" \t"u8);
                if (number.IsEmpty && Ascii.EqualsIgnoreCase(key, "externalId"u8))
                {
                    number = value;
                }
                else if (date.IsEmpty && Ascii.EqualsIgnoreCase(key, "deviceCustomDate1"u8))
                {
                    date = value;
                }
            }

            if (equals < 0 || (!number.IsEmpty && !date.IsEmpty))
            {
                return;
            }

            key = extension[keyStart..equals];
            valueStart = at = equals + 1;
        }
    }

    // The next '=' that is not escaped and stands behind a key, which in turn stands behind a blank or at the very start.
    private static int NextKey(ReadOnlySpan<byte> extension, int from, ref int keyStart)
    {
        for (var at = from; at < extension.Length; at++)
        {
            var next = extension[at..].IndexOf((byte)'=');
            if (next < 0)
            {
                return -1;
            }

            at += next;
            var start = extension[from..at].LastIndexOfAnyExcept(_keyCharacters) + 1 + from;
            if (start < at && (start == 0 || (start > from && extension[start - 1] is (byte)' ' or (byte)'\t')))
            {
                keyStart = start;
                return at;
            }
        }

        return -1;
    }

    private static ThreatType? TypeOf(ReadOnlySpan<byte> product)
    {
        product = product.Trim(" \t"u8);
        return Ascii.EqualsIgnoreCase(product, "Intelligence"u8) ? ThreatType.Malware
            : Ascii.EqualsIgnoreCase(product, "Brand Intelligence"u8) ? ThreatType.Phish
            : null;
    }

    private static DateTimeOffset? DateOf(ReadOnlySpan<byte> date)
    {
        if (date.IsEmpty || date.Length > 40)
        {
            return null;
        }

        if (Utf8Parser.TryParse(date, out long ms, out var used) && used == date.Length)
        {
            return ms is >= 0 and <= 253_402_300_799_999 ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
        }

        return DateTimeOffset.TryParseExact(
            Encoding.UTF8.GetString(date), _dateForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time)
            ? time
            : null;
    }
}
