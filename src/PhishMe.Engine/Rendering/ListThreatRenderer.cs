using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>Plain values for blocking. A document holds each once and in order, so it is written at its end; what was withdrawn is not in it.</summary>
internal sealed class ListThreatRenderer(IndicatorFilter filter, bool withoutScheme) : IThreatRenderer
{
    public RenderingResult Render(Threat threat, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threat);
        if (threat.Withdrawn)
        {
            return default;
        }

        var leftOut = new LeftOutCounts();
        return RenderingResult.Of(PlainListRenderer.Render(threat.Indicators, filter, output, withoutScheme, leftOut), leftOut);
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
            var leftOut = new LeftOutCounts();
            if (!threat.Withdrawn)
            {
                foreach (var indicator in threat.Indicators)
                {
                    if (filter.Takes(indicator, leftOut))
                    {
                        _indicators.TryAdd((indicator.Kind, indicator.Value), indicator);
                    }
                }
            }

            return RenderingResult.Of(_indicators.Count - before, leftOut);
        }

        public void Complete() => PlainListRenderer.Render(_indicators.Values, filter, output, withoutScheme);
    }
}
