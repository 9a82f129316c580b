using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Sync;

/// <summary>One threat on its way to the outputs, in the formats that were fetched for it.</summary>
internal sealed record ThreatUnit
{
    private ReadThreat? _model;

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

    /// <summary>What its JSON says; kept only until everything that is made of it is made.</summary>
    public ReadThreat? Read { get; init; }

    /// <summary>What its JSON says, read once however many ask; null when it cannot be read or there is no JSON. Lives as long as the batch.</summary>
    public Threat? Model
    {
        get
        {
            _model ??= Read ?? (Json is Rendition json ? ReadThreat.Of(json.Bytes) : default);
            return _model.Value.Threat;
        }
    }

    /// <summary>An update of a threat first published too long ago: recorded, not emitted.</summary>
    public bool Expired { get; init; }

    public Rendition? In(OutputFormat format) => format switch
    {
        OutputFormat.Json => Json,
        OutputFormat.Cef => Cef,
        OutputFormat.Stix => Stix,
    };
}
