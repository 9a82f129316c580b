using System.Globalization;
using System.Text;

namespace PhishMe.Engine.Serving.Measuring;

/// <summary>Writes figures in the text format of Prometheus, version 0.0.4 (prometheus.io, "Exposition formats"): UTF-8, LF, seconds as the unit of time.</summary>
internal static class PrometheusText
{
    /// <summary>The media type of the text.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes figures.</summary>
    public static string Of(IEnumerable<Figure> figures)
    {
        ArgumentNullException.ThrowIfNull(figures);
        var text = new StringBuilder();
        foreach (var figure in figures)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {figure.Name} {figure.Help}\n# TYPE {figure.Name} {(figure.IsCounter ? "counter" : "gauge")}\n");
            foreach (var sample in figure.Samples)
            {
                Write(text, figure.Name, sample);
            }
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, string name, FigureSample sample)
    {
        text.Append(name);
        for (var i = 0; i < sample.Labels.Count; i++)
        {
            text.Append(i == 0 ? '{' : ',').Append(sample.Labels[i].Key).Append("=\"");
            foreach (var c in sample.Labels[i].Value)
            {
                _ = c switch
                {
                    '\\' => text.Append(@"\\"),
                    '"' => text.Append("\\\""),
                    '\n' => text.Append(@"\n"),
                    _ => text.Append(c),
                };
            }

            text.Append('"');
        }

        text.Append(sample.Labels.Count == 0 ? " " : "} ").Append(sample.Value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}
