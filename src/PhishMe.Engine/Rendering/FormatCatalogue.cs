using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>The formats this version writes. Runs, cmdlets and withdrawals all come by their renderers here.</summary>
internal static class FormatCatalogue
{
    /// <summary>The descriptor of a format. A format without one does not compile.</summary>
    public static FormatDescriptor Of(RenderingFormat format) => format switch
    {
        RenderingFormat.Json => _json,
        RenderingFormat.Cef => _cef,
        RenderingFormat.Stix111 => _stix111,
        RenderingFormat.Stix21 => _stix21,
        RenderingFormat.Misp => _misp,
        RenderingFormat.Csv => _csv,
        RenderingFormat.List => _list,
    };

    /// <summary>The format in which an output that renders by itself writes.</summary>
    /// <param name="format">The format of the output.</param>
    /// <param name="isStixBundle">Whether its STIX is a 2.1 bundle and not a 1.1.1 package.</param>
    public static RenderingFormat FormOf(OutputFormat format, bool isStixBundle) => format switch
    {
        OutputFormat.Json => RenderingFormat.Json,
        OutputFormat.Cef => RenderingFormat.Cef,
        OutputFormat.Stix => isStixBundle ? RenderingFormat.Stix21 : RenderingFormat.Stix111,
    };

    /// <summary>The renderer of a format with the conditions on threats and indicators.</summary>
    /// <exception cref="PhishMeException">An entry of the allow list is nothing that could be looked for.</exception>
    public static IThreatRenderer CreateRenderer(RenderingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var renderer = Of(options.Format).Renderer(options, ScoreTable.Usual);
        return ThreatFilter.For(options) is ThreatFilter filter ? new FilteredThreatRenderer(renderer, filter) : renderer;
    }

    private static readonly FormatDescriptor _json = new()
    {
        Format = RenderingFormat.Json,
        Extension = ".json",
        MediaType = "application/x-ndjson",
        Document = DocumentForm.JsonLines,
        AnnouncesWithdrawal = true,
        RepeatsWithdrawn = true,
        AnnouncesRemoval = false,
        HasLegacyLayout = true,
        Renderer = (_, _) => new JsonThreatRenderer(),
    };

    private static readonly FormatDescriptor _cef = new()
    {
        Format = RenderingFormat.Cef,
        Extension = ".cef",
        MediaType = "text/plain",
        Document = DocumentForm.Lines,
        AnnouncesWithdrawal = true,
        RepeatsWithdrawn = false,
        AnnouncesRemoval = false,
        Renderer = (_, _) => new CefThreatRenderer(),
    };

    private static readonly FormatDescriptor _stix111 = new()
    {
        Format = RenderingFormat.Stix111,
        Extension = ".xml",
        MediaType = "application/xml",
        Document = DocumentForm.Sequence,
        AnnouncesWithdrawal = false,
        RepeatsWithdrawn = false,
        AnnouncesRemoval = false,
        Renderer = (_, _) => new StixPackageThreatRenderer(),
    };

    private static readonly FormatDescriptor _stix21 = new()
    {
        Format = RenderingFormat.Stix21,
        Extension = ".json",
        MediaType = "application/stix+json;version=2.1",
        Document = DocumentForm.JsonDocument,
        AnnouncesWithdrawal = true,
        RepeatsWithdrawn = true,
        AnnouncesRemoval = true,
        Renderer = (options, scores) => new StixBundleThreatRenderer(
            new StixBundleOptions { Marking = options.Tlp, ValidDays = options.ValidDays, Scores = scores }),
    };

    private static readonly FormatDescriptor _misp = new()
    {
        Format = RenderingFormat.Misp,
        Extension = ".json",
        MediaType = "application/json",
        Document = DocumentForm.JsonDocument,
        AnnouncesWithdrawal = true,
        RepeatsWithdrawn = true,
        AnnouncesRemoval = true,
        Renderer = (options, _) => new MispThreatRenderer(new MispEventOptions { Marking = options.Tlp }),
    };

    private static readonly FormatDescriptor _csv = new()
    {
        Format = RenderingFormat.Csv,
        Extension = ".csv",
        MediaType = "text/csv",
        Document = DocumentForm.Lines,
        AnnouncesWithdrawal = false,
        RepeatsWithdrawn = false,
        AnnouncesRemoval = false,
        Renderer = (options, _) => new CsvThreatRenderer(IndicatorFilter.For(options), options.KeepFormulas),
    };

    private static readonly FormatDescriptor _list = new()
    {
        Format = RenderingFormat.List,
        Extension = ".txt",
        MediaType = "text/plain",
        Document = DocumentForm.Lines,
        AnnouncesWithdrawal = false,
        RepeatsWithdrawn = false,
        AnnouncesRemoval = false,
        Renderer = (options, _) => new ListThreatRenderer(IndicatorFilter.For(options), options.WithoutScheme),
    };
}
