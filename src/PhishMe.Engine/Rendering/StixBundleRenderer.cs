using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// Writes threats as STIX 2.1 objects (reference/stix.md §7): identity, marking, a malware object per family, an indicator per primary indicator, the
/// relationships between them and one report per threat. All ids are name-based, so that a later version of a threat replaces the earlier one.
/// A withdrawn threat comes out with <c>revoked</c> indicators, relationships and report; an indicator that left a threat is revoked alone.
/// </summary>
internal sealed class StixBundleRenderer
{
    private static readonly JsonWriterOptions _json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly StixBundleOptions _options;

    /// <summary>Creates the renderer.</summary>
    /// <param name="options">What may differ; null for the defaults.</param>
    public StixBundleRenderer(StixBundleOptions? options = null)
    {
        _options = options ?? new StixBundleOptions();
    }

    /// <summary>Writes one threat as a bundle, one line without line end.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="output">Takes the UTF-8 bytes.</param>
    public void Render(Threat threat, IBufferWriter<byte> output) => Render(threat, output, null);

    /// <summary>Writes threats as one bundle; what they share is written once.</summary>
    /// <param name="threats">The threats.</param>
    /// <param name="output">Takes the UTF-8 bytes.</param>
    public void Render(IReadOnlyCollection<Threat> threats, IBufferWriter<byte> output) => Render(threats, output, null);

    /// <summary>Writes the objects of a threat into an array the caller has begun: a bundle or a TAXII envelope.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="json">The writer, inside an array.</param>
    /// <param name="written">Ids already in that array; new ones are added.</param>
    /// <param name="modified">Time of this version; null for the last publication (one millisecond later when withdrawn, so that it supersedes).</param>
    public void WriteObjects(Threat threat, Utf8JsonWriter json, ISet<string> written, DateTimeOffset? modified = null) =>
        WriteObjects(threat, json, written, modified, null);

    internal void Render(Threat threat, IBufferWriter<byte> output, LeftOutCounts? leftOut)
    {
        ArgumentNullException.ThrowIfNull(threat);
        Render([threat], output, leftOut);
    }

    internal void WriteObjects(Threat threat, Utf8JsonWriter json, ISet<string> written, DateTimeOffset? modified, LeftOutCounts? leftOut)
    {
        ArgumentNullException.ThrowIfNull(threat);
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(written);
        Write(threat, new StixObjectWriter(threat, StixTimes.Of(threat, modified, _options.Clock), _options, json, written), leftOut);
    }

    /// <summary>Writes the objects of a threat, each with a version of its own and without what threats share.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="json">The writer, inside an array.</param>
    /// <param name="serving">The versions; takes note of the objects.</param>
    internal void WriteObjects(Threat threat, Utf8JsonWriter json, StixServing serving)
    {
        ArgumentNullException.ThrowIfNull(threat);
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(serving);
        var written = new HashSet<string>(StringComparer.Ordinal);
        Write(threat, new StixObjectWriter(threat, StixTimes.Of(threat, null, _options.Clock), _options, json, written, serving), null);
    }

    private void Write(Threat threat, StixObjectWriter writer, LeftOutCounts? leftOut)
    {
        var hashes = new StixHashChoice(_options.Hashes, threat);
        writer.WriteShared();
        foreach (var indicator in threat.Indicators)
        {
            if (_options.Filter.Takes(indicator, leftOut) && indicator.NormalizedValue is not null && hashes.Takes(indicator)
                && !writer.WriteIndicator(indicator, hasLeft: false))
            {
                leftOut?.Add(IndicatorKinds.Of(indicator.Kind).StixPath is null ? LeftOutReason.NoForm : LeftOutReason.Malformed);
            }
        }

        foreach (var indicator in threat.RemovedIndicators)
        {
            if (_options.Filter.Takes(indicator) && indicator.NormalizedValue is not null && hashes.Took(indicator))
            {
                writer.WriteIndicator(indicator, hasLeft: true);
            }
        }

        writer.WriteReport();
    }

    private void Render(IReadOnlyCollection<Threat> threats, IBufferWriter<byte> output, LeftOutCounts? leftOut)
    {
        ArgumentNullException.ThrowIfNull(threats);
        ArgumentNullException.ThrowIfNull(output);
        using var json = new Utf8JsonWriter(output, _json);
        json.WriteStartObject();
        json.WriteString("type"u8, "bundle"u8);
        json.WriteString("id"u8, StixObjectWriter.Id("bundle", string.Join(',', threats.Select(threat => string.Create(
            CultureInfo.InvariantCulture, $"{threat.Id}|{threat.LastPublished?.ToUnixTimeMilliseconds()}|{threat.Withdrawn}")))));
        json.WriteStartArray("objects"u8);
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var threat in threats)
        {
            WriteObjects(threat, json, written, null, leftOut);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
    }
}
