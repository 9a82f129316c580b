using System.Text.Json;
using PhishMe.Simulator.Catalog;
using PhishMe.Simulator.Generation;

namespace PhishMe.Simulator.Http;

/// <summary>A search: product, window, page, ids and fields.</summary>
internal sealed class SearchQuery
{
    private const int LargestPage = 100;

    private static readonly HashSet<string> Plain =
        ["threatType", "page", "resultsPerPage", "threatId", "threatNativeId", "beginTimestamp", "endTimestamp", "hasKit"];

    private readonly List<(SearchField Field, IReadOnlyList<string> Wanted)> _fields = [];
    private readonly IReadOnlyList<string> _ids;
    private readonly ThreatProduct? _product;
    private readonly long? _nativeId;
    private readonly bool? _hasKit;
    private readonly TimeWindow _window;

    public SearchQuery(RequestParameters parameters, SimulatorOptions options)
    {
        foreach (var name in parameters.Names)
        {
            if (Array.Find(SearchField.All, field => field.Parameter == name) is { } field)
            {
                _fields.Add((field, parameters.All(name)));
            }
            else if (!Plain.Contains(name))
            {
                // The server's answer to a misspelt parameter is not known. Refusing it is the kinder one: ignored, it would match everything.
                throw new BadRequestException($"Unknown parameter {name}");
            }
        }

        _product = parameters.One("threatType") switch
        {
            null or "all" => null,
            "malware" => ThreatProduct.Malware,
            "phish" => ThreatProduct.Phish,
            var other => throw new BadRequestException($"threatType is none of all, malware, phish: {other}"),
        };
        Page = parameters.Number("page") ?? 0;
        var size = parameters.Number("resultsPerPage") ?? options.DefaultPageSize;
        if (size is < 1 or > LargestPage)
        {
            throw new BadRequestException($"resultsPerPage is not in 1..{LargestPage}: {size}");
        }

        PageSize = (int)size;
        _ids = parameters.All("threatId");
        _nativeId = parameters.Number("threatNativeId");
        _hasKit = parameters.Flag("hasKit");
        _window = TimeWindow.Of(parameters, options, defaultBegin: null, defaultEnd: null);
    }

    public long Page { get; }

    public int PageSize { get; }

    /// <summary>The threats of the page, and how many there are on all pages.</summary>
    public (ThreatRecord[] Page, int Total) Run(ThreatCatalog catalog, ThreatGenerator generator)
    {
        var byContent = _fields.Count > 0 || _hasKit is not null;
        if (_ids.Count == 0 && _nativeId is null && !byContent)
        {
            return catalog.Page(_window.Begin, _window.End, _product, Page * PageSize, PageSize);
        }

        var candidates = _ids.Count > 0 ? Named(catalog) : catalog.Between(_window.Begin, _window.End);
        List<ThreatRecord> matches =
        [
            .. candidates.Where(threat =>
                (_product is null || threat.Key.Product == _product)
                && (_nativeId is null || threat.Key.Id == _nativeId)
                && (!byContent || ContentMatches(threat, generator))),
        ];
        return ([.. matches.Skip((int)Math.Min(int.MaxValue, Page * PageSize)).Take(PageSize)], matches.Count);
    }

    private IEnumerable<ThreatRecord> Named(ThreatCatalog catalog) =>
        _ids.Select(id => ThreatKey.TryParse(id, out var key) ? key : throw new BadRequestException($"threatId is not m_<number> or p_<number>: {id}"))
            .Distinct()
            .Select(catalog.Find)
            .OfType<ThreatRecord>()
            .Where(threat => threat.Last >= _window.Begin && threat.Last <= _window.End)
            .OrderBy(threat => threat.Last)
            .ThenBy(threat => threat.Key);

    private bool ContentMatches(ThreatRecord threat, ThreatGenerator generator)
    {
        using var document = JsonDocument.Parse(generator.Document(threat), DocumentEditor.Deep);
        var root = document.RootElement;
        if (_hasKit is { } wanted)
        {
            var has = root.TryGetProperty("kits", out var kits) && kits.ValueKind == JsonValueKind.Array && kits.GetArrayLength() > 0;
            if (threat.Key.Product != ThreatProduct.Phish || has != wanted)
            {
                return false;
            }
        }

        return _fields.TrueForAll(pair => pair.Field.Finds(threat.Key, root, pair.Wanted));
    }
}
