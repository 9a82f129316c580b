using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// Writes indicators as CSV (RFC 4180, but lines end with LF like everything we write): a header, then one row per indicator. Values are not changed;
/// a program that takes cells beginning with <c>=</c> for formulas must be told to import text.
/// </summary>
public static class CsvRenderer
{
    private static readonly SearchValues<char> _quoted = SearchValues.Create(",\"\r\n");

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
    /// <returns>The number of rows.</returns>
    public static int Render(Threat threat, IndicatorFilter? filter, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threat);
        ArgumentNullException.ThrowIfNull(output);
        filter ??= new IndicatorFilter();
        var rows = 0;
        var id = threat.Id.ToString();
        var brands = string.Join("; ", threat.Brands);
        foreach (var indicator in threat.Indicators)
        {
            if (!filter.Takes(indicator))
            {
                continue;
            }

            rows++;
            output.Put(id);
            Cell(output, threat.Type == ThreatType.Malware ? "malware" : "phish");
            Cell(output, indicator.Kind.ToString().ToLowerInvariant());
            Cell(output, indicator.Value);
            Cell(output, indicator.NormalizedValue);
            Cell(output, indicator.Impact?.ToString());
            output.Put(","u8);
            if (indicator.Confidence is { } confidence)
            {
                output.Put(confidence);
            }

            Cell(output, indicator.Role);
            Cell(output, indicator.Family);
            Cell(output, indicator.DeliveryMechanism);
            Cell(output, indicator.Subclass);
            Cell(output, indicator.FileName);
            Cell(output, indicator.Corollary ? "true" : "false");
            Cell(output, indicator.Source.ToString());
            Cell(output, brands);
            Time(output, threat.FirstPublished);
            Time(output, threat.LastPublished);
            Cell(output, threat.Label);
            Cell(output, threat.ThreatDetailUri);
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

    private static void Cell(IBufferWriter<byte> output, string? text)
    {
        output.Put(","u8);
        if (string.IsNullOrEmpty(text))
        {
            return;
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
}
