using System.Text.Json;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// Writes the STIX 2.1 objects of one version of one threat. What all threats share has times of its own and nothing that differs between them: one id and
/// one <c>modified</c> stand for one content (STIX 2.1, 3.6).
/// </summary>
/// <param name="threat">The threat.</param>
/// <param name="times">The times of this version.</param>
/// <param name="options">What may differ.</param>
/// <param name="json">The writer, inside an array.</param>
/// <param name="written">Ids already in that array; new ones are added.</param>
/// <param name="serving">Gives each object a version of its own, and takes what is shared elsewhere; null for a bundle.</param>
internal sealed class StixObjectWriter(
    Threat threat, StixTimes times, StixBundleOptions options, Utf8JsonWriter json, ISet<string> written, StixServing? serving = null)
{
    private readonly StixSharedWriter _shared = new(options, json);
    private readonly StixMarking? _marking = StixMarking.Of(options.Marking);
    private readonly StixReferences _references = new(threat, options.IdentityName);
    private readonly List<string> _refs = [];

    /// <summary>Ids of families: each indicator names its own again.</summary>
    private readonly Dictionary<string, string> _families = new(StringComparer.Ordinal);

    /// <summary>The id of an object: name-based, so that a later version replaces the earlier one.</summary>
    public static string Id(string type, string name) => StixSharedWriter.Id(type, name);

    /// <summary>The author, the marking and the families.</summary>
    public void WriteShared()
    {
        if (serving is null && written.Add(_shared.Identity))
        {
            _shared.WriteIdentity();
        }

        if (serving is null && _marking is not null && written.Add(_marking.Id))
        {
            _marking.Write(json);
        }

        foreach (var family in threat.Families)
        {
            WriteFamily(family, _refs);
        }
    }

    /// <summary>An indicator and what it indicates.</summary>
    /// <param name="indicator">The indicator.</param>
    /// <param name="hasLeft">Whether this version no longer has it: it is revoked and is not part of the report.</param>
    /// <returns>Whether patterns have a form for it.</returns>
    public bool WriteIndicator(Indicator indicator, bool hasLeft)
    {
        var value = IndicatorValue.Of(indicator);
        if (StixPattern.Of(indicator.Kind, value) is not { } pattern)
        {
            return false;
        }

        // The sender's address and the drop address are both e-mail addresses: kind and value are the key (reference/stix.md §7).
        var id = Id("indicator", $"{threat.Id}|{indicator.Kind}|{value}");
        var refs = hasLeft ? [] : _refs;
        var isRevoked = hasLeft || threat.Withdrawn;
        var isNew = written.Add(id);
        if (isNew)
        {
            refs.Add(id);
            var modified = Begin("indicator"u8, id, indicator);
            WriteRevoked(isRevoked);
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
            if (serving is not null)
            {
                // Readers that do not look at revoked look at the validity.
                json.WriteString("valid_until"u8, isRevoked ? modified : serving.ValidUntil);
            }
            else if (options.ValidDays > 0 && times.Last is DateTimeOffset last && last < DateTimeOffset.MaxValue.AddDays(-options.ValidDays))
            {
                json.WriteString("valid_until"u8, Utf8Writing.TimeText(last.AddDays(options.ValidDays)));
            }

            if ((indicator.Confidence ?? options.Scores.Of(indicator.Impact)) is { } confidence)
            {
                json.WriteNumber("confidence"u8, confidence);
            }

            WriteLabels(indicator);
            _references.Write(json);
            json.WriteEndObject();
        }

        // What is still indicated in another way stays as it is.
        if ((isNew || !hasLeft) && FamilyOf(indicator) is { } family)
        {
            var malware = WriteFamily(family, refs);
            var relationship = Id("relationship", $"{id}|indicates|{malware}");
            if (written.Add(relationship))
            {
                refs.Add(relationship);
                Begin("relationship"u8, relationship, indicator);
                WriteRevoked(isRevoked);
                json.WriteString("relationship_type"u8, "indicates"u8);
                json.WriteString("source_ref"u8, id);
                json.WriteString("target_ref"u8, malware);
                json.WriteEndObject();
            }
        }

        return true;
    }

    /// <summary>The report around everything that was written before, but for what has left.</summary>
    public void WriteReport()
    {
        var id = Id("report", threat.Id.ToString());
        if (!written.Add(id))
        {
            return;
        }

        Begin("report"u8, id, null);
        WriteRevoked(threat.Withdrawn);
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
        if (_refs.Count == 0)
        {
            // At least one is required; a threat without indicators and family has only its author.
            json.WriteStringValue(_shared.Identity);
        }

        foreach (var reference in _refs)
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
        _references.Write(json);
        json.WriteEndObject();
    }

    /// <returns>The version.</returns>
    private string Begin(ReadOnlySpan<byte> type, string id, Indicator? indicator)
    {
        json.WriteStartObject();
        var modified = serving is null ? times.Modified : serving.Begin(id, indicator, json);
        _shared.WriteHead(type, id, times.Created, modified);
        return modified;
    }

    // Without a description: each threat has one of its own, and under one id and one version there is only one content.
    private string WriteFamily(string family, List<string> refs)
    {
        if (!_families.TryGetValue(family, out var id))
        {
            _families.Add(family, id = StixSharedWriter.FamilyId(family));
        }

        if (!refs.Contains(id))
        {
            refs.Add(id);
        }

        if (serving is not null)
        {
            serving.Families.Add(family);
        }
        else if (written.Add(id))
        {
            _shared.WriteFamily(family);
        }

        return id;
    }

    // Delivery infrastructure belongs to the campaign's family when there is only one it can mean.
    private string? FamilyOf(Indicator indicator) =>
        indicator.Corollary ? null : indicator.Family ?? (threat.Families.Count == 1 ? threat.Families[0] : null);

    private static ReadOnlySpan<byte> TypeOf(Indicator indicator) =>
        VendorJudgement.IsPublicService(indicator.Role) || indicator.Corollary ? "anomalous-activity"u8
        : indicator.Impact == Impact.None ? "benign"u8
        : "malicious-activity"u8;

    private void WriteRevoked(bool isRevoked)
    {
        if (isRevoked)
        {
            json.WriteBoolean("revoked"u8, true);
        }
    }

    private void WriteLabels(Indicator indicator)
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
}
