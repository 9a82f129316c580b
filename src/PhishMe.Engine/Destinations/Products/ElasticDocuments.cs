using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Indicators;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// What is made of an indicator for Elasticsearch and OpenSearch: one document of the Elastic Common Schema (threat fields) for each threat and value, in the
/// form that indicator match rules read. The time of the document is added when it is sent.
/// </summary>
internal sealed record ElasticDocuments
{
    public const string Module = "ti_phishme";

    /// <summary>The kinds that the schema has a field for.</summary>
    public static IReadOnlySet<IndicatorKind> Kinds { get; } = new HashSet<IndicatorKind>
    {
        IndicatorKind.IPv4, IndicatorKind.IPv6, IndicatorKind.Domain, IndicatorKind.Url, IndicatorKind.Email,
        IndicatorKind.Md5, IndicatorKind.Sha1, IndicatorKind.Sha256, IndicatorKind.Sha384, IndicatorKind.Sha512, IndicatorKind.Ssdeep,
    };

    public required IndicatorChoice Choice { get; init; }

    /// <summary>How long an indicator is valid after the last publication.</summary>
    public required TimeSpan Validity { get; init; }

    public TlpLevel Marking { get; init; } = TlpLevel.Amber;

    public IEnumerable<QueueItem> Compose(DestinationId destination, Delivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return ThreatItems.Compose(
            Choice,
            destination,
            delivery,
            (_, threat, indicator) => IndicatorValidity.EndOf(threat, Validity, delivery.Now) is var end && end > delivery.Now ? Document(threat, indicator, end) : default,
            (_, _) => "{}"u8.ToArray());
    }

    /// <summary>When the document ends.</summary>
    public static DateTimeOffset EndOf(ReadOnlyMemory<byte> document)
    {
        using var json = JsonDocument.Parse(document);
        return json.RootElement.GetProperty("phishme").GetProperty("expires_at").GetDateTimeOffset();
    }

    /// <summary>What is worth sending again. Dates alone are not, unless the indicator would end early.</summary>
    public ReadOnlyMemory<byte> Substance(QueueItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return item.Verb == DeliveryVerb.Retract || item.Key.Length == 0
            ? item.Payload
            : (byte[])[.. JsonBody.Without(item.Payload, "expires_at", "last_seen", "modified_at").Span, .. System.Text.Encoding.UTF8.GetBytes(IndicatorValidity.Half(EndOf(item.Payload), Validity))];
    }

    private ReadOnlyMemory<byte> Document(Threat threat, Indicator indicator, DateTimeOffset end) => JsonBody.OfObject(writer =>
    {
        writer.WriteStartObject("ecs");
        writer.WriteString("version", "8.17.0");
        writer.WriteEndObject();
        writer.WriteStartObject("event");
        writer.WriteString("kind", "enrichment");
        WriteList(writer, "category", ["threat"]);
        WriteList(writer, "type", ["indicator"]);
        writer.WriteString("module", Module);
        writer.WriteString("dataset", $"{Module}.indicator");
        writer.WriteEndObject();
        WriteList(writer, "tags", [.. new[] { "phishme", threat.Id.ToString(), indicator.Role, indicator.Family }.OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)]);
        writer.WriteStartObject("threat");
        writer.WriteStartObject("feed");
        writer.WriteString("name", "PhishMe Intelligence");
        writer.WriteEndObject();
        if (indicator.Family is string family)
        {
            writer.WriteStartObject("software");
            writer.WriteString("name", family);
            writer.WriteString("type", "Malware");
            writer.WriteEndObject();
        }

        WriteIndicator(writer, threat, indicator);
        writer.WriteEndObject();
        writer.WriteStartObject("phishme");
        writer.WriteString("threat_id", threat.Id.ToString());
        writer.WriteIfKnown("label", threat.Label);
        writer.WriteString("impact", ImpactScores.Of(IndicatorChoice.ImpactOf(indicator)).Word);
        writer.WriteIfKnown("role", indicator.Role);
        writer.WriteString("expires_at", IndicatorValidity.Text(end));
        writer.WriteEndObject();
    });

    private void WriteIndicator(Utf8JsonWriter writer, Threat threat, Indicator indicator)
    {
        var value = IndicatorValue.Of(indicator);
        writer.WriteStartObject("indicator");
        writer.WriteString("name", value);
        writer.WriteString("type", TypeOf(indicator.Kind));
        WriteValue(writer, indicator, value);
        writer.WriteString("confidence", ConfidenceOf(Choice.ConfidenceIn(indicator)));
        writer.WriteIfKnown("description", string.Join(", ", new[] { threat.Label, indicator.RoleDescription ?? indicator.Role }.OfType<string>()));
        if (threat.FirstPublished is DateTimeOffset first)
        {
            writer.WriteString("first_seen", IndicatorValidity.Text(first));
        }

        if ((threat.LastPublished ?? threat.FirstPublished) is DateTimeOffset last)
        {
            writer.WriteString("last_seen", IndicatorValidity.Text(last));
            writer.WriteString("modified_at", IndicatorValidity.Text(last));
        }

        writer.WriteString("provider", "phishme");
        writer.WriteIfKnown("reference", threat.ThreatDetailUri);
        if (Marking != TlpLevel.None)
        {
            writer.WriteStartObject("marking");
            writer.WriteString("tlp", TlpLevels.WordOf(Marking).ToUpperInvariant());
            writer.WriteString("tlp_version", "2.0");
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, Indicator indicator, string value)
    {
        switch (indicator.Kind)
        {
            case IndicatorKind.IPv4 or IndicatorKind.IPv6:
                writer.WriteString("ip", value);
                break;
            case IndicatorKind.Domain:
                writer.WriteStartObject("url");
                writer.WriteString("domain", value.StartsWith("*.", StringComparison.Ordinal) ? value[2..] : value);
                writer.WriteEndObject();
                break;
            case IndicatorKind.Url:
                writer.WriteStartObject("url");
                writer.WriteString("full", value);
                writer.WriteString("original", value);
                writer.WriteIfKnown("domain", IndicatorNormalizer.HostOf(value, out _));
                writer.WriteEndObject();
                break;
            case IndicatorKind.Email:
                writer.WriteStartObject("email");
                writer.WriteString("address", value);
                writer.WriteEndObject();
                break;
            default:
                writer.WriteStartObject("file");
                writer.WriteIfKnown("name", indicator.FileName);
                writer.WriteStartObject("hash");
                writer.WriteString(HashOf(indicator.Kind), value);
                writer.WriteEndObject();
                writer.WriteEndObject();
                break;
        }
    }

    private static string TypeOf(IndicatorKind kind) => kind switch
    {
        IndicatorKind.IPv4 => "ipv4-addr",
        IndicatorKind.IPv6 => "ipv6-addr",
        IndicatorKind.Domain => "domain-name",
        IndicatorKind.Url => "url",
        IndicatorKind.Email => "email-addr",
        _ => "file",
    };

    private static string HashOf(IndicatorKind kind) => kind switch
    {
        IndicatorKind.Md5 => "md5",
        IndicatorKind.Sha1 => "sha1",
        IndicatorKind.Sha256 => "sha256",
        IndicatorKind.Sha384 => "sha384",
        IndicatorKind.Sha512 => "sha512",
        IndicatorKind.Ssdeep => "ssdeep",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "The schema has no field for it."),
    };

    /// <summary>The words of the Elastic Common Schema for a score, as STIX 2.1 (appendix A, None-Low-Med-High) divides it.</summary>
    private static string ConfidenceOf(int score) => score switch
    {
        <= 0 => "None",
        < 30 => "Low",
        < 70 => "Medium",
        _ => "High",
    };

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
