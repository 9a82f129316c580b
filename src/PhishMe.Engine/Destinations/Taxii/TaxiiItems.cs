using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Taxii;

/// <summary>
/// What is made of threats for a TAXII collection: an indicator for each value, shared by the threats that carry it, and a report for each threat. Ids and
/// times of versions are added when an item is sent.
/// </summary>
internal sealed class TaxiiItems(TaxiiPushOptions options)
{
    /// <summary>What the keys of reports begin with.</summary>
    public const string ReportPrefix = "report/";

    /// <summary>The family that an indicator indicates: beside the object in the payload, because it becomes objects of its own.</summary>
    public const string FamilyMember = "family";

    /// <summary>The object in the payload.</summary>
    public const string ObjectMember = "object";

    /// <summary>The id of the object of an item.</summary>
    public static string IdOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.StartsWith(ReportPrefix, StringComparison.Ordinal) ? StixSharedWriter.Id("report", $"taxii|{key}") : StixSharedWriter.Id("indicator", $"taxii|{key}");
    }

    /// <summary>The items of a delivery: indicators before the reports that refer to them.</summary>
    public IEnumerable<QueueItem> Compose(DestinationId destination, Delivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        var indicators = options.Choice.Compose(
            destination,
            delivery,
            (threat, indicator) => threat is null ? Indicator(null, indicator, delivery.Now, delivery.Now)
                : IndicatorValidity.EndOf(threat, options.Validity, delivery.Now) is var end && end > delivery.Now ? Indicator(threat, indicator, end, delivery.Now)
                : default);
        return options.SendsReports ? indicators.Concat(Reports(destination, delivery)) : indicators;
    }

    /// <summary>What is worth sending again: of several threats with one value, which came last is not.</summary>
    public ReadOnlyMemory<byte> Substance(QueueItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (item.Verb == DeliveryVerb.Retract || item.Key.StartsWith(ReportPrefix, StringComparison.Ordinal))
        {
            return item.Payload;
        }

        using var document = JsonDocument.Parse(item.Payload);
        var end = document.RootElement.GetProperty(ObjectMember).GetProperty("valid_until").GetDateTimeOffset();
        return (byte[])
        [
            .. JsonBody.Without(item.Payload, FamilyMember, "name", "description", "external_references", "labels", "valid_from", "valid_until").Span,
            .. System.Text.Encoding.UTF8.GetBytes(IndicatorValidity.Half(end, options.Validity)),
        ];
    }

    private IEnumerable<QueueItem> Reports(DestinationId destination, Delivery delivery)
    {
        if (options.Choice.Retracts)
        {
            foreach (var gone in delivery.Withdrawn.Where(gone => options.Choice.Wants(gone.Id)))
            {
                if (gone.LastKnown is byte[] json && ReadThreat.Of(json).Threat is Threat last && Report(last, delivery.Now) is { IsEmpty: false } payload)
                {
                    yield return new QueueItem { Destination = destination, Verb = DeliveryVerb.Retract, Threat = gone.Id, Key = $"{ReportPrefix}{gone.Id}", Payload = payload };
                }
            }
        }

        foreach (var threat in delivery.Threats.Where(threat => options.Choice.Wants(threat.Id)))
        {
            if (threat.Unit.Model is Threat model
                && IndicatorValidity.EndOf(model, options.Validity, delivery.Now) > delivery.Now
                && Report(model, delivery.Now) is { IsEmpty: false } payload)
            {
                yield return new QueueItem { Destination = destination, Threat = threat.Id, Key = $"{ReportPrefix}{threat.Id}", Payload = payload };
            }
        }
    }

    private ReadOnlyMemory<byte> Indicator(Threat? threat, Indicator indicator, DateTimeOffset end, DateTimeOffset now)
    {
        var value = IndicatorValue.Of(indicator);
        if (StixPattern.Of(indicator.Kind, indicator.Kind == IndicatorKind.Url ? value : indicator.NormalizedValue ?? value) is not string pattern)
        {
            return default;
        }

        return JsonBody.OfObject(writer =>
        {
            writer.WriteStartObject(ObjectMember);
            writer.WriteString("name", value);
            writer.WriteIfKnown("description", string.Join(", ", new[] { indicator.RoleDescription ?? indicator.Role, threat?.Label, threat?.Id.ToString() }.OfType<string>()));
            WriteList(writer, "indicator_types", [indicator.Corollary || VendorJudgement.IsPublicService(indicator.Role) ? "anomalous-activity" : "malicious-activity"]);
            writer.WriteString("pattern", pattern);
            writer.WriteString("pattern_type", "stix");
            writer.WriteString("pattern_version", "2.1");
            var first = threat?.FirstPublished ?? indicator.FirstPublished ?? now;
            writer.WriteString("valid_from", IndicatorValidity.Text(first > now ? now : first));
            writer.WriteString("valid_until", IndicatorValidity.Text(end));
            writer.WriteNumber("confidence", options.Choice.ConfidenceIn(indicator));
            WriteList(writer, "labels", [.. new[] { ImpactScores.Of(IndicatorChoice.ImpactOf(indicator)).Word, indicator.Role, indicator.ThreatId.Type == ThreatType.Malware ? "malware" : "phish" }.OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)]);
            if (threat is not null)
            {
                WriteReferences(writer, threat);
            }

            if (options.IsOpenCti)
            {
                writer.WriteString("x_opencti_main_observable_type", TypeOf(indicator.Kind));
                writer.WriteBoolean("x_opencti_detection", false);
            }

            writer.WriteEndObject();
            if (options.SendsReports)
            {
                writer.WriteIfKnown(FamilyMember, FamilyOf(threat, indicator));
            }
        });
    }

    private ReadOnlyMemory<byte> Report(Threat threat, DateTimeOffset now)
    {
        Indicator[] chosen = [.. options.Choice.Of(threat.Indicators)];
        if (chosen.Length == 0)
        {
            return default;
        }

        return JsonBody.OfObject(writer =>
        {
            writer.WriteStartObject(ObjectMember);
            writer.WriteString("name", threat.Label ?? threat.Id.ToString());
            writer.WriteIfKnown("description", threat.ExecutiveSummary);
            WriteList(writer, "report_types", [threat.Type == ThreatType.Malware ? "campaign" : "indicator"]);
            var first = threat.FirstPublished ?? threat.LastPublished ?? DateTimeOffset.UnixEpoch;
            writer.WriteString("published", IndicatorValidity.Text(first > now ? now : first));
            WriteList(
                writer,
                "object_refs",
                [
                    .. chosen.Select(indicator => IdOf(options.Choice.KeyOf(indicator))),
                    .. chosen.Select(indicator => FamilyOf(threat, indicator)).OfType<string>().Distinct(StringComparer.Ordinal).Select(StixSharedWriter.FamilyId),
                ]);
            WriteList(writer, "labels", [threat.Type == ThreatType.Malware ? "malware" : "phish", .. threat.Brands.Select(brand => $"brand:{brand}")]);
            WriteReferences(writer, threat);
            writer.WriteEndObject();
        });
    }

    private static string? FamilyOf(Threat? threat, Indicator indicator) =>
        indicator.Corollary ? null : indicator.Family ?? (threat?.Families.Count == 1 ? threat.Families[0] : null);

    /// <summary>The names of the platform; another word is an error there.</summary>
    private static string TypeOf(IndicatorKind kind) => kind switch
    {
        IndicatorKind.IPv4 => "IPv4-Addr",
        IndicatorKind.IPv6 => "IPv6-Addr",
        IndicatorKind.Domain => "Domain-Name",
        IndicatorKind.Url => "Url",
        IndicatorKind.Email => "Email-Addr",
        _ => "StixFile",
    };

    private static void WriteReferences(Utf8JsonWriter writer, Threat threat)
    {
        writer.WriteStartArray("external_references");
        writer.WriteStartObject();
        writer.WriteString("source_name", "PhishMe Intelligence");
        writer.WriteString("external_id", threat.Id.ToString());
        writer.WriteIfKnown("url", threat.ThreatDetailUri);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
