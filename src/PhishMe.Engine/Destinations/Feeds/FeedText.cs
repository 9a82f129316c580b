using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using PhishMe.Engine.Rendering;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>The pieces that rows are made of.</summary>
internal static class FeedText
{
    private static readonly SearchValues<byte> _quoted = SearchValues.Create(",\"\r\n"u8);

    private static readonly JsonEncodedText[] _impacts = [.. Enum.GetValues<Impact>().Select(impact => JsonEncodedText.Encode(impact.ToString()))];

    private static readonly JavaScriptEncoder _encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>Text beyond ASCII stays readable; line breaks and controls are always escaped.</summary>
    public static JsonWriterOptions Json { get; } = new() { Encoder = _encoder };

    /// <summary>The value and a line feed.</summary>
    public static bool Line(FeedRow row, IBufferWriter<byte> output)
    {
        output.Put(row.Value);
        output.Put("\n"u8);
        return true;
    }

    /// <summary>A string of JSON in quotation marks, written as <see cref="Json"/> says and without a writer of its own.</summary>
    public static void JsonString(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        output.Put("\""u8);
        if (_encoder.FindFirstCharacterToEncodeUtf8(text) < 0)
        {
            output.Put(text);
        }
        else
        {
            output.Put(JsonEncodedText.Encode(text, _encoder).EncodedUtf8Bytes);
        }

        output.Put("\""u8);
    }

    /// <summary>The word for an impact; empty when not rated.</summary>
    public static ReadOnlySpan<byte> Word(Impact? impact) => impact is Impact known ? _impacts[(int)known].EncodedUtf8Bytes : default;

    /// <summary>The first cell of a row of CSV (RFC 4180).</summary>
    public static void FirstCell(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny(_quoted) < 0)
        {
            output.Put(text);
            return;
        }

        output.Put("\""u8);
        for (var quote = text.IndexOf((byte)'"'); quote >= 0; quote = text.IndexOf((byte)'"'))
        {
            output.Put(text[..(quote + 1)]);
            output.Put("\""u8);
            text = text[(quote + 1)..];
        }

        output.Put(text);
        output.Put("\""u8);
    }

    /// <summary>A further cell. The value of an indicator stays as it is, because a machine reads it.</summary>
    public static void Cell(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        output.Put(","u8);
        FirstCell(output, text);
    }

    /// <summary>A cell with words that others wrote: what a spreadsheet would take for a formula begins with an apostrophe.</summary>
    public static void WordCell(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        if (text.TrimStart(" \t"u8) is not [(byte)'=' or (byte)'+' or (byte)'-' or (byte)'@', ..])
        {
            Cell(output, text);
            return;
        }

        byte[] guarded = [(byte)'\'', .. text];
        Cell(output, guarded);
    }

    /// <summary>A cell with a number; empty when it is not known.</summary>
    public static void Cell(IBufferWriter<byte> output, long? number)
    {
        output.Put(","u8);
        if (number is long known)
        {
            output.Put(known);
        }
    }

    /// <summary>A cell with a time; empty when it is not known.</summary>
    public static void TimeCell(IBufferWriter<byte> output, long? milliseconds)
    {
        output.Put(","u8);
        if (milliseconds is long known)
        {
            output.PutTime(DateTimeOffset.FromUnixTimeMilliseconds(known));
        }
    }

    /// <summary>A further cell with a word of ours, which needs no quotation marks.</summary>
    public static void Word(IBufferWriter<byte> output, string word)
    {
        output.Put(","u8);
        output.Put(word);
    }

    /// <summary>A cell with the id of a threat.</summary>
    public static void Cell(IBufferWriter<byte> output, ThreatId id)
    {
        output.Put(id.Type == ThreatType.Phish ? ",p_"u8 : ",m_"u8);
        output.Put(id.Number);
    }

    /// <summary>The number of a threat as text; that of a phish with its prefix, because malware has the same numbers.</summary>
    public static string Number(ThreatId id) => id.Type == ThreatType.Phish ? id.ToString() : id.Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Kinds of a list of words; a word that is no kind is reported.</summary>
    public static IReadOnlyList<IndicatorKind> Kinds(IEnumerable<string> words, Action<string> report)
    {
        var kinds = new List<IndicatorKind>();
        foreach (var word in words)
        {
            var kind = Enum.GetValues<IndicatorKind>().FirstOrDefault(kind => Indicators.IndicatorKinds.Of(kind).Word.Equals(word, StringComparison.OrdinalIgnoreCase));
            if (kind == IndicatorKind.Unknown)
            {
                report(word);
            }
            else if (!kinds.Contains(kind))
            {
                kinds.Add(kind);
            }
        }

        return kinds;
    }
}
