using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>Chooses the renderer of a form: the one for cmdlets and for outputs with <c>source = local</c>.</summary>
internal static class ThreatRenderers
{
    public static IThreatRenderer Create(RenderingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        IThreatRenderer renderer = OfForm(options);
        return ThreatSieve.For(options) is ThreatSieve sieve ? new SiftedThreatRenderer(renderer, sieve) : renderer;
    }

    private static IThreatRenderer OfForm(RenderingOptions options)
    {
        var filter = new IndicatorFilter { IncludeCorollary = options.IncludeCorollary };
        return options.Format switch
        {
            RenderingFormat.Json => new JsonThreatRenderer(),
            RenderingFormat.Cef => new CefThreatRenderer(),
            RenderingFormat.Stix111 => new StixPackageThreatRenderer(),
            RenderingFormat.Stix21 => new StixBundleThreatRenderer(new StixBundleOptions { Marking = MarkingOf(options.Tlp) }),
            RenderingFormat.Misp => new MispThreatRenderer(new MispEventOptions { Marking = MarkingOf(options.Tlp) }),
            RenderingFormat.Csv => new CsvThreatRenderer(filter),
            RenderingFormat.List => new ListThreatRenderer(filter, options.WithoutScheme),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Format, "There is no renderer of this form."),
        };
    }

    private static TlpMarking MarkingOf(TlpLevel level) => level switch
    {
        TlpLevel.Clear => TlpMarking.White,
        TlpLevel.Green => TlpMarking.Green,
        TlpLevel.Amber => TlpMarking.Amber,
        TlpLevel.Red => TlpMarking.Red,
        _ => TlpMarking.None,
    };
}
