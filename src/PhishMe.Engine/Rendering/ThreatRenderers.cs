using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>Chooses the renderer of a form: the one for cmdlets and for outputs with <c>source = local</c>.</summary>
internal static class ThreatRenderers
{
    /// <exception cref="PhishMeException">An entry of the allow list is nothing that could be looked for.</exception>
    public static IThreatRenderer Create(RenderingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var renderer = OfForm(options);
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
            RenderingFormat.Stix21 => new StixBundleThreatRenderer(new StixBundleOptions { Marking = options.Tlp }),
            RenderingFormat.Misp => new MispThreatRenderer(new MispEventOptions { Marking = options.Tlp }),
            RenderingFormat.Csv => new CsvThreatRenderer(filter),
            RenderingFormat.List => new ListThreatRenderer(filter, options.WithoutScheme),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Format, "There is no renderer for this format."),
        };
    }
}
