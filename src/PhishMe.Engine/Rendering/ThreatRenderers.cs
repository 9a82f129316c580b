using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>Chooses the renderer of a form: the one for cmdlets and for outputs with <c>source = local</c>.</summary>
internal static class ThreatRenderers
{
    public static IThreatRenderer Create(RenderingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Format switch
        {
            RenderingFormat.Json => new JsonThreatRenderer(),
            RenderingFormat.Cef => new CefThreatRenderer(),
            RenderingFormat.Stix111 => new StixPackageThreatRenderer(),
            RenderingFormat.Stix21 => new StixBundleThreatRenderer(new StixBundleOptions { Marking = options.Tlp }),
            RenderingFormat.Misp => new MispThreatRenderer(new MispEventOptions { Marking = options.Tlp }),
            RenderingFormat.Csv => new CsvThreatRenderer(FilterOf(options)),
            RenderingFormat.List => new ListThreatRenderer(FilterOf(options), options.WithoutScheme),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Format, "There is no renderer of this form."),
        };
    }

    private static IndicatorFilter FilterOf(RenderingOptions options) => new()
    {
        Kinds = options.Kinds,
        MinimumImpact = options.MinimumImpact,
        IncludeCorollary = options.IncludeCorollary,
    };
}
