using System.Buffers;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// Writes indicators as CSV (RFC 4180, but lines end with LF like everything we write): a header, then one row per indicator. Titles, subjects and file
/// names are written by attackers, and spreadsheets take a cell that begins with <c>= + - @</c> for a formula: such a cell begins with an apostrophe,
/// unless the caller wants it as it is. Control characters become U+FFFD: readers end a cell, or the file, at them.
/// </summary>
internal static class CsvRenderer
{
    private static readonly SearchValues<char> _quoted = SearchValues.Create(",\"\r\n");

    // With the full-width forms, which spreadsheets read the same way.
    private static readonly SearchValues<char> _formula = SearchValues.Create("=+-@\uFF1D\uFF0B\uFF0D\uFF20");

    /// <summary>Writes the header row.</summary>
    /// <param name="output">Takes the UTF-8 bytes.</param>
    public static void RenderHeader(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Put(
            "threat_id,threat_type,kind,value,normalized_value,impact,confidence,role,family,delivery_mechanism,subclass,file_name,corollary,source,brands,"u8);
        output.Put("first_published,last_published,label,threat_detail_url\n"u8);
    }

    /// <summary>Writes the rows of a threat.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="filter">Which indicators; null for the safe defaults.</param>
    /// <param name="output">Takes the UTF-8 bytes.</param>
    /// <param name="keepFormulas">Whether cells that a spreadsheet takes for a formula stay as they are.</param>
    /// <param name="leftOut">Counts what is not safe to block; null when no one asks.</param>
    /// <returns>The number of rows.</returns>
    public static int Render(
        Threat threat, IndicatorFilter? filter, IBufferWriter<byte> output, bool keepFormulas = false, LeftOutCounts? leftOut = null)
    {
        ArgumentNullException.ThrowIfNull(threat);
        ArgumentNullException.ThrowIfNull(output);
        filter ??= new IndicatorFilter();
        var rows = 0;
        var id = threat.Id.ToString();
        var brands = string.Join("; ", threat.Brands);
        foreach (var indicator in threat.Indicators)
        {
            if (!filter.Takes(indicator, leftOut))
            {
                continue;
            }

            rows++;
            output.Put(id);
            Cell(output, threat.Type == ThreatType.Malware ? "malware" : "phish");
            Cell(output, IndicatorKinds.Of(indicator.Kind).Word);
            Cell(output, indicator.Value, keepFormulas);
            Cell(output, indicator.NormalizedValue, keepFormulas);
            Cell(output, indicator.Impact?.ToString());
            output.Put(","u8);
            if (indicator.Confidence is { } confidence)
            {
                output.Put(confidence);
            }

            Cell(output, indicator.Role, keepFormulas);
            Cell(output, indicator.Family, keepFormulas);
            Cell(output, indicator.DeliveryMechanism, keepFormulas);
            Cell(output, indicator.Subclass, keepFormulas);
            Cell(output, indicator.FileName, keepFormulas);
            Cell(output, indicator.Corollary ? "true" : "false");
            Cell(output, indicator.Source.ToString());
            Cell(output, brands, keepFormulas);
            Time(output, threat.FirstPublished);
            Time(output, threat.LastPublished);
            Cell(output, threat.Label, keepFormulas);
            Cell(output, threat.ThreatDetailUri, keepFormulas);
            output.Put("\n"u8);
        }

        return rows;
    }

    private static void Time(IBufferWriter<byte> output, DateTimeOffset? time)
    {
        output.Put(","u8);
        if (time is { } known)
        {
            output.PutTime(known);
        }
    }

    // What a person wrote may be anything; the words of this program are none of it.
    private static void Cell(IBufferWriter<byte> output, string? text, bool keepFormulas = true)
    {
        output.Put(","u8);
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        text = ControlCharacters.Replace(text, keepsLines: true);
        if (!keepFormulas && IsFormula(text))
        {
            text = "'" + text;
        }

        if (text.AsSpan().IndexOfAny(_quoted) < 0)
        {
            output.Put(text);
            return;
        }

        output.Put("\""u8);
        output.Put(text.Replace("\"", "\"\"", StringComparison.Ordinal));
        output.Put("\""u8);
    }

    // Some programs pass over white space in front of it.
    private static bool IsFormula(string text) => text.AsSpan().TrimStart() is [var first, ..] && _formula.Contains(first);
}
