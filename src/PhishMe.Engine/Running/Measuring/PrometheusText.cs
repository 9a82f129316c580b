using System.Globalization;
using System.Text;

namespace PhishMe.Engine.Running.Measuring;

/// <summary>Writes figures in the text format of Prometheus, version 0.0.4 (prometheus.io, "Exposition formats"): UTF-8, LF, seconds as the unit of time.</summary>
internal sealed class PrometheusText
{
    private readonly StringBuilder _text = new();

    /// <summary>One figure without labels.</summary>
    public void Gauge(string name, string help, double value)
    {
        Begin(name, help);
        Sample(name, value);
    }

    /// <summary>The head of a figure that has several samples.</summary>
    public void Begin(string name, string help) =>
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} gauge\n");

    /// <summary>A sample of the figure that was begun last.</summary>
    public void Sample(string name, double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(name);
        for (var i = 0; i < labels.Length; i++)
        {
            _text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"");
            foreach (var c in labels[i].Value)
            {
                _ = c switch
                {
                    '\\' => _text.Append(@"\\"),
                    '"' => _text.Append("\\\""),
                    '\n' => _text.Append(@"\n"),
                    _ => _text.Append(c),
                };
            }

            _text.Append('"');
        }

        _text.Append(labels.IsEmpty ? " " : "} ").Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    public override string ToString() => _text.ToString();
}
