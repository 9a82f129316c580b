using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Pages;

/// <summary>
/// Threats and indicators per day as a drawing in the page: bars for threats, a line for indicators, each with its own scale. The drawing is stretched to the width
/// of the page; its words stand beside it, so that they have the size of all text on a phone, too.
/// </summary>
internal static class DayChart
{
    /// <summary>Days that are drawn.</summary>
    public const int Days = 30;

    private const int Width = 720;
    private const int Height = 160;
    private const int Bottom = 158;
    private const int Top = 4;

    /// <summary>Writes it.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="store">What the store holds.</param>
    /// <param name="today">The last day, UTC.</param>
    public static void Write(HtmlText html, StoreStatistics store, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(html);
        ArgumentNullException.ThrowIfNull(store);
        string[] days = [.. Enumerable.Range(1 - Days, Days).Select(offset => today.AddDays(offset).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))];
        var threats = In(days, store.ByDay);
        var indicators = In(days, store.IndicatorsByDay);
        double mostThreats = Math.Max(1, threats.Max()), mostIndicators = Math.Max(1, indicators.Max()), step = (double)Width / Days;
        html.Markup(Invariant(
            $"<p class=\"legend\"><span class=\"of-bar\">Threats, up to {mostThreats:N0} a day</span> <span class=\"of-line\">Indicators, up to {mostIndicators:N0} a day</span></p>\n"));
        html.Markup(Invariant(
            $"<svg preserveAspectRatio=\"none\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"Threats and indicators of the last {Days} days by day of first publication; the table below has the numbers\">"));
        html.Markup(Invariant($"<line class=\"axis\" x1=\"0\" y1=\"{Bottom}\" x2=\"{Width}\" y2=\"{Bottom}\"/>"));
        for (var i = 0; i < Days; i++)
        {
            var height = threats[i] / mostThreats * (Bottom - Top);
            html.Markup(Invariant($"<rect class=\"bar\" x=\"{i * step + 3:0.#}\" y=\"{Bottom - height:0.#}\" width=\"{step - 6:0.#}\" height=\"{height:0.#}\">"))
                .Markup(Invariant($"<title>{days[i]}: {threats[i]:N0} threats, {indicators[i]:N0} indicators</title></rect>"));
        }

        html.Markup("<polyline class=\"trend\" points=\"")
            .Markup(string.Join(' ', indicators.Select((count, i) => Invariant($"{(i + 0.5) * step:0.#},{Bottom - count / mostIndicators * (Bottom - Top):0.#}"))))
            .Markup("\"/>");
        html.Markup($"</svg>\n<p class=\"ends\"><span>{days[0]}</span><span>{days[^1]}</span></p>\n");
        html.Markup("<details><summary>The numbers</summary><div class=\"wide\"><table><thead><tr><th>Day (UTC)</th><th class=\"n\">Threats</th><th class=\"n\">Indicators</th></tr></thead><tbody>");
        for (var i = Days - 1; i >= 0; i--)
        {
            html.Markup($"<tr><td>{days[i]}</td><td class=\"n\">").Number(threats[i]).Markup("</td><td class=\"n\">").Number(indicators[i]).Markup("</td></tr>");
        }

        html.Markup("</tbody></table></div></details>\n");
    }

    private static long[] In(string[] days, IReadOnlyList<NamedCount> counts)
    {
        var byDay = counts.ToDictionary(count => count.Name, count => count.Count, StringComparer.Ordinal);
        return [.. days.Select(day => byDay.GetValueOrDefault(day))];
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
