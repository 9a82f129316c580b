using System.Buffers;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// Writes values one per line, as firewalls and proxies load them: each once, in ordinal order, UTF-8, LF, no comment lines (some products take
/// <c>#</c> for data). The same indicators give the same bytes whatever order they come in.
/// </summary>
internal static class PlainListRenderer
{
    /// <summary>Writes the list.</summary>
    /// <param name="indicators">The indicators.</param>
    /// <param name="filter">Which of them - by kind, by impact; null for the safe defaults. Corollary ones only when it says so.</param>
    /// <param name="output">Takes the UTF-8 bytes.</param>
    /// <param name="withoutScheme">Whether URLs lose their <c>http://</c>, as lists of URL filters want it.</param>
    /// <param name="leftOut">Counts what is not safe to block; null when no one asks.</param>
    /// <returns>The number of lines.</returns>
    public static int Render(
        IEnumerable<Indicator> indicators, IndicatorFilter? filter, IBufferWriter<byte> output, bool withoutScheme = false, LeftOutCounts? leftOut = null)
    {
        ArgumentNullException.ThrowIfNull(indicators);
        ArgumentNullException.ThrowIfNull(output);
        filter ??= new IndicatorFilter();
        var values = new HashSet<string>(StringComparer.Ordinal);
        foreach (var indicator in indicators)
        {
            if (!filter.Takes(indicator, leftOut))
            {
                continue;
            }

            var value = IndicatorValue.Of(indicator);
            if (withoutScheme && indicator.Kind == IndicatorKind.Url && value.IndexOf("://", StringComparison.Ordinal) is var mark and >= 0)
            {
                value = value[(mark + 3)..];
            }

            // A line break would make two entries of one, and loaders stop at other controls.
            if (value.Length > 0 && value.AsSpan().IndexOfAny('\r', '\n') < 0 && !value.Any(ControlCharacters.Is))
            {
                values.Add(value);
            }
            else
            {
                leftOut?.Add(LeftOutReason.Malformed);
            }
        }

        string[] lines = [.. values];
        Array.Sort(lines, StringComparer.Ordinal);
        foreach (var line in lines)
        {
            output.Put(line);
            output.Put("\n"u8);
        }

        return lines.Length;
    }
}
