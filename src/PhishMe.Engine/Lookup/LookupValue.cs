using System.Globalization;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>A value that is looked up, brought into normal form.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its normal form; the trimmed text when it is nothing known.</param>
internal readonly record struct LookupValue(IndicatorKind Kind, string Text)
{
    private const string MappedPrefix = "::ffff:";

    public static LookupValue Of(string input)
    {
        if (!IndicatorNormalizer.TryDetect(input, out var kind, out var text))
        {
            // 'host:port', as proxies write it for CONNECT.
            var colon = text.LastIndexOf(':');
            if (colon > 0
                && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)
                && IndicatorNormalizer.TryDetect(text[..colon], out var host, out var name))
            {
                return new LookupValue(host, name);
            }
        }

        // A dual-stack server writes IPv4 like this.
        return kind == IndicatorKind.IPv6 && text.StartsWith(MappedPrefix, StringComparison.Ordinal) && text.Contains('.', StringComparison.Ordinal)
            ? new LookupValue(IndicatorKind.IPv4, text[MappedPrefix.Length..])
            : new LookupValue(kind, text);
    }
}
