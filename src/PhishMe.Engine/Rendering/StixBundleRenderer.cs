using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// Writes threats as STIX 2.1 objects (reference/stix.md §7): identity, marking, a malware object per family, an indicator per primary
/// indicator, the relationships between them and one report per threat. All ids are name-based, so that a later version of a threat
/// replaces the earlier one. A withdrawn threat comes out with <c>revoked</c> indicators, relationships and report.
/// </summary>
public sealed class StixBundleRenderer
{
    // Identity, marking and families are shared by all threats: with the times of one threat they would differ from bundle to bundle under the same id.
    private const string SharedObjectTime = "2015-01-01T00:00:00.000Z";
    private const string MarkingTime = "2017-01-20T00:00:00.000Z";

    private static readonly JsonWriterOptions _json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly StixBundleOptions _options;
    private readonly string _identity;

    /// <summary>Creates the renderer.</summary>
    /// <param name="options">What may differ; null for the defaults.</param>
    public StixBundleRenderer(StixBundleOptions? options = null)
    {
        _options = options ?? new StixBundleOptions();
        _identity = Id("identity", _options.IdentityName);
    }

    /// <summary>Writes one threat as a bundle, one line without line end.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="output">Takes the UTF-8 bytes.</param>
    public void Render(Threat threat, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threat);
        Render([threat], output);
    }

    /// <summary>Writes threats as one bundle; what they share is written once.</summary>
    /// <param name="threats">The threats.</param>
    /// <param name="output">Takes the UTF-8 bytes.</param>
    public void Render(IReadOnlyCollection<Threat> threats, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threats);
        ArgumentNullException.ThrowIfNull(output);
        using var json = new Utf8JsonWriter(output, _json);
        json.WriteStartObject();
        json.WriteString("type"u8, "bundle"u8);
        json.WriteString("id"u8, Id("bundle", string.Join(',', threats.Select(threat => string.Create(
            CultureInfo.InvariantCulture, $"{threat.Id}|{threat.LastPublished?.ToUnixTimeMilliseconds()}|{threat.Withdrawn}")))));
        json.WriteStartArray("objects"u8);
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var threat in threats)
        {
            WriteObjects(threat, json, written);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
    }

    /// <summary>Writes the objects of a threat into an array the caller has begun: a bundle or a TAXII envelope.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="json">The writer, inside an array.</param>
    /// <param name="written">Ids already in that array; new ones are added.</param>
    /// <param name="modified">Time of this version; null for the last publication (one millisecond later when withdrawn, so that it supersedes).</param>
    public void WriteObjects(Threat threat, Utf8JsonWriter json, ISet<string> written, DateTimeOffset? modified = null)
    {
        ArgumentNullException.ThrowIfNull(threat);
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(written);

        var first = threat.FirstPublished ?? threat.LastPublished ?? DateTimeOffset.UnixEpoch;
        var last = threat.LastPublished is { } published && published > first ? published : first;
        var version = modified ?? (threat.Withdrawn && last < DateTimeOffset.MaxValue.AddSeconds(-1) ? last.AddMilliseconds(1) : last);
        var times = new Times(Utf8Writing.TimeText(first), Utf8Writing.TimeText(version < first ? first : version), last);

        WriteIdentity(json, written);
        WriteMarking(json, written);

        var refs = new List<string>();
        foreach (var family in threat.Families)
        {
            WriteFamily(threat, family, json, written, refs);
        }

        HashSet<string>? chosen = null;
        foreach (var indicator in threat.Indicators)
        {
            if (!_options.Filter.Takes(indicator) || indicator.NormalizedValue is null || !IsWantedHash(indicator, threat, ref chosen))
            {
                continue;
            }

            WriteIndicator(threat, indicator, times, json, written, refs);
        }

        WriteReport(threat, times, json, written, refs);
    }

    private static string Id(string type, string name) => $"{type}--{NameBasedUuid.Create($"stix2|{type}|{name}"):D}";

    // Of several hashes of one file only those configured: more indicators for the same file are no more detection.
    private bool IsWantedHash(Indicator indicator, Threat threat, ref HashSet<string>? chosen)
    {
        if (indicator.Kind is < IndicatorKind.Md5 or > IndicatorKind.Ssdeep || _options.Hashes.Contains(indicator.Kind))
        {
            return true;
        }

        chosen ??= LastResorts(threat);
        return chosen.Contains(indicator.NormalizedValue!);
    }

    private HashSet<string> LastResorts(Threat threat)
    {
        var values = new HashSet<string>(StringComparer.Ordinal);
        var files = threat.Files.Select(file => file.Hashes)
            .Concat(threat.Kits.Select(kit => kit.Hashes))
            .Concat(threat.Kits.SelectMany(kit => kit.Files).Select(file => file.Hashes))
            .Concat(threat.WebComponents.Select(component => component.Hashes));
        foreach (var hashes in files)
        {
            string? best = null;
            var enough = false;
            foreach ((var kind, var value) in hashes.Known())
            {
                if (Indicators.IndicatorNormalizer.Normalize(kind, value) is { } normal)
                {
                    enough |= _options.Hashes.Contains(kind);
                    best = kind == IndicatorKind.Ssdeep ? best ?? normal : normal;
                }
            }

            if (!enough && best is not null)
            {
                values.Add(best);
            }
        }

        return values;
    }

    private void WriteIdentity(Utf8JsonWriter json, ISet<string> written)
    {
        if (!written.Add(_identity))
        {
            return;
        }

        Begin(json, "identity"u8, _identity, SharedObjectTime, SharedObjectTime, createdBy: false);
        json.WriteString("name"u8, _options.IdentityName);
        json.WriteString("identity_class"u8, "system"u8);
        json.WriteEndObject();
    }

    private string? MarkingId => _options.Marking switch
    {
        // The ids the specification fixes (STIX 2.1, 7.2.1.4).
        TlpLevel.Clear => "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
        TlpLevel.Green => "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
        TlpLevel.Amber => "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
        TlpLevel.Red => "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
        _ => null,
    };

    private void WriteMarking(Utf8JsonWriter json, ISet<string> written)
    {
        if (MarkingId is not { } id || !written.Add(id))
        {
            return;
        }

        // Under the name that TLP had when the ids were fixed.
        var colour = _options.Marking == TlpLevel.Clear ? "white" : _options.Marking.ToString().ToLowerInvariant();
        json.WriteStartObject();
        json.WriteString("type"u8, "marking-definition"u8);
        json.WriteString("spec_version"u8, "2.1"u8);
        json.WriteString("id"u8, id);
        json.WriteString("created"u8, MarkingTime);
        json.WriteString("definition_type"u8, "tlp"u8);
        json.WriteString("name"u8, "TLP:" + colour.ToUpperInvariant());
        json.WriteStartObject("definition"u8);
        json.WriteString("tlp"u8, colour);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void Begin(Utf8JsonWriter json, ReadOnlySpan<byte> type, string id, string created, string modified, bool createdBy = true)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteString("spec_version"u8, "2.1"u8);
        json.WriteString("id"u8, id);
        if (createdBy)
        {
            json.WriteString("created_by_ref"u8, _identity);
        }

        json.WriteString("created"u8, created);
        json.WriteString("modified"u8, modified);
        if (MarkingId is { } marking)
        {
            json.WriteStartArray("object_marking_refs"u8);
            json.WriteStringValue(marking);
            json.WriteEndArray();
        }
    }

    private string WriteFamily(Threat threat, string family, Utf8JsonWriter json, ISet<string> written, List<string> refs)
    {
        var id = Id("malware", family);
        if (!refs.Contains(id))
        {
            refs.Add(id);
        }

        if (written.Add(id))
        {
            Begin(json, "malware"u8, id, SharedObjectTime, SharedObjectTime);
            json.WriteString("name"u8, family);
            json.WriteBoolean("is_family"u8, true);
            if (threat.Descriptions.TryGetValue(family, out var description) && description.Length > 0)
            {
                json.WriteString("description"u8, description);
            }

            json.WriteEndObject();
        }

        return id;
    }

    private void WriteIndicator(Threat threat, Indicator indicator, Times times, Utf8JsonWriter json, ISet<string> written, List<string> refs)
    {
        var value = IndicatorFilter.ValueOf(indicator);
        if (StixPattern.Of(indicator.Kind, value) is not { } pattern)
        {
            return;
        }

        // The sender's address and the drop address are both e-mail addresses: kind and value are the key (reference/stix.md §7).
        var id = Id("indicator", $"{threat.Id}|{indicator.Kind}|{value}");
        if (written.Add(id))
        {
            refs.Add(id);
            Begin(json, "indicator"u8, id, times.Created, times.Modified);
            WriteRevoked(threat, json);
            json.WriteString("name"u8, value);
            if (indicator.RoleDescription is { } description)
            {
                json.WriteString("description"u8, description);
            }

            json.WriteStartArray("indicator_types"u8);
            json.WriteStringValue(TypeOf(indicator));
            json.WriteEndArray();
            json.WriteString("pattern"u8, pattern);
            json.WriteString("pattern_type"u8, "stix"u8);
            json.WriteString("pattern_version"u8, "2.1"u8);
            json.WriteString("valid_from"u8, times.Created);
            if (_options.ValidDays > 0 && times.Last < DateTimeOffset.MaxValue.AddDays(-_options.ValidDays))
            {
                json.WriteString("valid_until"u8, Utf8Writing.TimeText(times.Last.AddDays(_options.ValidDays)));
            }

            if ((indicator.Confidence ?? ScoreOf(indicator.Impact)) is { } confidence)
            {
                json.WriteNumber("confidence"u8, confidence);
            }

            WriteLabels(threat, indicator, json);
            WriteReferences(threat, json);
            json.WriteEndObject();
        }

        if (FamilyOf(threat, indicator) is { } family)
        {
            var malware = WriteFamily(threat, family, json, written, refs);
            var relationship = Id("relationship", $"{id}|indicates|{malware}");
            if (written.Add(relationship))
            {
                refs.Add(relationship);
                Begin(json, "relationship"u8, relationship, times.Created, times.Modified);
                WriteRevoked(threat, json);
                json.WriteString("relationship_type"u8, "indicates"u8);
                json.WriteString("source_ref"u8, id);
                json.WriteString("target_ref"u8, malware);
                json.WriteEndObject();
            }
        }
    }

    // Delivery infrastructure belongs to the campaign's family when there is only one it can mean.
    private static string? FamilyOf(Threat threat, Indicator indicator) =>
        indicator.Corollary ? null : indicator.Family ?? (threat.Families.Count == 1 ? threat.Families[0] : null);

    private static ReadOnlySpan<byte> TypeOf(Indicator indicator) =>
        indicator.Role == "IDinfo" || indicator.Corollary ? "anomalous-activity"u8
        : indicator.Impact == Impact.None ? "benign"u8
        : "malicious-activity"u8;

    /// <summary>The score of an impact (reference/threat.md §7).</summary>
    internal static int? ScoreOf(Impact? impact) => impact switch
    {
        Impact.Major => 100,
        Impact.Moderate => 75,
        Impact.Minor => 35,
        Impact.None => 0,
        _ => null,
    };

    private static void WriteRevoked(Threat threat, Utf8JsonWriter json)
    {
        if (threat.Withdrawn)
        {
            json.WriteBoolean("revoked"u8, true);
        }
    }

    private static void WriteLabels(Threat threat, Indicator indicator, Utf8JsonWriter json)
    {
        json.WriteStartArray("labels"u8);
        if (indicator.Impact is { } impact)
        {
            json.WriteStringValue(impact.ToString());
        }

        if (indicator.Role is { } role)
        {
            json.WriteStringValue(role);
        }

        if (indicator.Corollary)
        {
            json.WriteStringValue("corollary"u8);
        }

        json.WriteStringValue(threat.Type == ThreatType.Malware ? "malware"u8 : "phish"u8);
        json.WriteEndArray();
    }

    private void WriteReferences(Threat threat, Utf8JsonWriter json)
    {
        json.WriteStartArray("external_references"u8);
        WriteReference(json, threat.Id.ToString(), threat.ThreatDetailUri);
        if (threat.HasReport && WebUri(threat.ReportUri) is { } report)
        {
            WriteReference(json, null, report, "Active Threat Report");
        }

        if (WebUri(threat.ScreenshotUri) is { } screenshot)
        {
            WriteReference(json, null, screenshot, "Screenshot");
        }

        json.WriteEndArray();
    }

    private void WriteReference(Utf8JsonWriter json, string? externalId, string? url, string? description = null)
    {
        json.WriteStartObject();
        json.WriteString("source_name"u8, _options.IdentityName);
        if (description is not null)
        {
            json.WriteString("description"u8, description);
        }

        if (WebUri(url) is { } uri)
        {
            json.WriteString("url"u8, uri);
        }

        if (externalId is not null)
        {
            json.WriteString("external_id"u8, externalId);
        }

        json.WriteEndObject();
    }

    // Validators enforce RFC 3986 here; damaged samples hold what is none.
    private static string? WebUri(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && Uri.IsWellFormedUriString(uri.AbsoluteUri, UriKind.Absolute)
            ? uri.AbsoluteUri
            : null;

    private void WriteReport(Threat threat, Times times, Utf8JsonWriter json, ISet<string> written, List<string> refs)
    {
        var id = Id("report", threat.Id.ToString());
        if (!written.Add(id))
        {
            return;
        }

        Begin(json, "report"u8, id, times.Created, times.Modified);
        WriteRevoked(threat, json);
        json.WriteString("name"u8, threat.Label ?? threat.Id.ToString());
        if (threat.ExecutiveSummary is { } summary)
        {
            json.WriteString("description"u8, summary);
        }

        json.WriteStartArray("report_types"u8);
        json.WriteStringValue(threat.Type == ThreatType.Malware ? "campaign"u8 : "indicator"u8);
        json.WriteEndArray();
        json.WriteString("published"u8, times.Created);
        json.WriteStartArray("object_refs"u8);
        if (refs.Count == 0)
        {
            // At least one is required; a threat without indicators and family has only its author.
            json.WriteStringValue(_identity);
        }

        foreach (var reference in refs)
        {
            json.WriteStringValue(reference);
        }

        json.WriteEndArray();
        json.WriteStartArray("labels"u8);
        foreach (var brand in threat.Brands)
        {
            json.WriteStringValue($"brand:{brand}");
        }

        json.WriteStringValue(threat.Type == ThreatType.Malware ? "malware"u8 : "phish"u8);
        json.WriteEndArray();
        WriteReferences(threat, json);
        json.WriteEndObject();
    }

    private readonly record struct Times(string Created, string Modified, DateTimeOffset Last);
}
