using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>Plain values for blocking. A document holds each once and in order, so it is written at its end; what was withdrawn is not in it.</summary>
internal sealed class ListThreatRenderer(IndicatorFilter filter, bool withoutScheme) : IThreatRenderer
{
    public RenderingResult Render(Threat threat, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threat);
        return threat.Withdrawn
            ? default
            : new RenderingResult(PlainListRenderer.Render(threat.Indicators, filter, output, withoutScheme), 0);
    }

    public IThreatDocument Begin(IBufferWriter<byte> output, bool continued = false) => new ValueList(filter, withoutScheme, output);

    private sealed class ValueList(IndicatorFilter filter, bool withoutScheme, IBufferWriter<byte> output) : IThreatDocument
    {
        // By kind and value, because only one of them is needed: a backfill repeats most of its indicators.
        private readonly Dictionary<(IndicatorKind, string), Indicator> _indicators = [];

        public RenderingResult Add(Threat threat)
        {
            ArgumentNullException.ThrowIfNull(threat);
            var before = _indicators.Count;
            if (!threat.Withdrawn)
            {
                foreach (var indicator in threat.Indicators)
                {
                    if (filter.Takes(indicator))
                    {
                        _indicators.TryAdd((indicator.Kind, indicator.Value), indicator);
                    }
                }
            }

            return new RenderingResult(_indicators.Count - before, 0);
        }

        public void Complete() => PlainListRenderer.Render(_indicators.Values, filter, output, withoutScheme);
    }
}
