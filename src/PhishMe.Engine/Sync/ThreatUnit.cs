using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Sync;

/// <summary>One threat on its way to the outputs, in the formats that were fetched for it.</summary>
internal sealed record ThreatUnit
{
    private ReadThreat? _read;

    public required ThreatId Id { get; init; }

    /// <summary>Epoch milliseconds; null when unknown.</summary>
    public long? FirstPublished { get; init; }

    /// <summary>Epoch milliseconds; null when unknown.</summary>
    public long? LastPublished { get; init; }

    public Rendition? Json { get; init; }

    public Rendition? Cef { get; init; }

    public Rendition? Stix { get; init; }

    /// <summary>As the store takes it; null when the store is off or the JSON is missing.</summary>
    public PreparedThreat? Prepared { get; init; }

    /// <summary>Reads the model. A test counts with it how often that happens.</summary>
    public Func<ReadOnlyMemory<byte>, ReadThreat> Reader { get; init; } = ReadThreat.Of;

    /// <summary>Its JSON, read once for all that need the model: rendering, the store, removals, products.</summary>
    public ReadThreat Read => _read ??= Json is Rendition json ? Reader(json.Bytes) : default;

    /// <summary>The model; null when the JSON cannot be read or is missing.</summary>
    public Threat? Model => Read.Threat;

    /// <summary>An update of a threat first published too long ago: recorded, not emitted.</summary>
    public bool Expired { get; init; }

    public Rendition? In(OutputFormat format) => format switch
    {
        OutputFormat.Json => Json,
        OutputFormat.Cef => Cef,
        OutputFormat.Stix => Stix,
    };

    /// <summary>The same without its model, which is many times the size of what is delivered.</summary>
    public ThreatUnit WithoutModel() => this with { _read = null };
}
