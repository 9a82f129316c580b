using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// What is made of an indicator for Sentinel: a STIX indicator with one comparison, because Sentinel takes key and value out of the pattern and cannot read any
/// other. Id and times are added when it is sent. Families and reports are no types of the upload API: they become labels and references.
/// </summary>
internal sealed record SentinelIndicators
{
    public static IReadOnlySet<IndicatorKind> Kinds { get; } = new HashSet<IndicatorKind>
    {
        IndicatorKind.IPv4, IndicatorKind.IPv6, IndicatorKind.Domain, IndicatorKind.Url, IndicatorKind.Email, IndicatorKind.Md5, IndicatorKind.Sha1, IndicatorKind.Sha256,
    };

    public required IndicatorChoice Choice { get; init; }

    /// <summary>How long an indicator is valid after the last publication.</summary>
    public required TimeSpan Validity { get; init; }

    public TlpLevel Marking { get; init; } = TlpLevel.Amber;

    public IEnumerable<QueueItem> Compose(DestinationId destination, Delivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return Choice.Compose(
            destination,
            delivery,
            (threat, indicator) => threat is null ? Payload(null, indicator, null, delivery.Now)
                : IndicatorValidity.EndOf(threat, Validity, delivery.Now) is var end && end > delivery.Now ? Payload(threat, indicator, end, delivery.Now)
                : default);
    }

    /// <summary>What is worth sending again: each upload is another row. Which of several threats came last is not.</summary>
    public ReadOnlyMemory<byte> Substance(QueueItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (item.Verb == DeliveryVerb.Retract)
        {
            return item.Payload;
        }

        using var document = JsonDocument.Parse(item.Payload);
        var end = document.RootElement.GetProperty("valid_until").GetDateTimeOffset();
        return (byte[])
        [
            .. JsonBody.Without(item.Payload, "name", "description", "external_references", "labels", "valid_from", "valid_until").Span,
            .. System.Text.Encoding.UTF8.GetBytes(IndicatorValidity.Half(end, Validity)),
        ];
    }

    /// <summary>A pattern has one equality; the domain that stands for all below it is its own.</summary>
    private static string ValueOf(Indicator indicator)
    {
        var value = indicator.Kind == IndicatorKind.Url ? IndicatorValue.Of(indicator) : indicator.NormalizedValue ?? IndicatorValue.Of(indicator);
        return indicator.Kind == IndicatorKind.Domain && value.StartsWith("*.", StringComparison.Ordinal) ? value[2..] : value;
    }

    /// <summary>The keys of Microsoft's own queries.</summary>
    private static string PathOf(IndicatorKind kind) => kind switch
    {
        IndicatorKind.IPv4 => "ipv4-addr:value",
        IndicatorKind.IPv6 => "ipv6-addr:value",
        IndicatorKind.Domain => "domain-name:value",
        IndicatorKind.Url => "url:value",
        IndicatorKind.Email => "email-addr:value",
        IndicatorKind.Md5 => "file:hashes.'MD5'",
        IndicatorKind.Sha1 => "file:hashes.'SHA-1'",
        IndicatorKind.Sha256 => "file:hashes.'SHA-256'",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Sentinel has no key for it."),
    };

    private ReadOnlyMemory<byte> Payload(Threat? threat, Indicator indicator, DateTimeOffset? end, DateTimeOffset now) => JsonBody.OfObject(writer =>
    {
        var value = ValueOf(indicator);
        writer.WriteString("type", "indicator");
        writer.WriteString("spec_version", "2.1");
        writer.WriteString("name", threat?.Label is string label ? $"{value} ({label})" : value);
        writer.WriteIfKnown("description", string.Join(", ", new[] { indicator.RoleDescription ?? indicator.Role, threat?.ToString() }.OfType<string>()));
        WriteList(writer, "indicator_types", ["malicious-activity"]);
        writer.WriteString("pattern", $"[{PathOf(indicator.Kind)} = '{StixPattern.Escape(value)}']");
        writer.WriteString("pattern_type", "stix");
        var first = threat?.FirstPublished ?? indicator.FirstPublished ?? now;
        writer.WriteString("valid_from", IndicatorValidity.Text(first > now ? now : first));
        if (end is DateTimeOffset until)
        {
            writer.WriteString("valid_until", IndicatorValidity.Text(until));
        }

        writer.WriteNumber("confidence", Choice.ConfidenceIn(indicator));
        WriteList(writer, "labels", [.. new[] { "PhishMe", ImpactScores.Of(IndicatorChoice.ImpactOf(indicator)).Word, indicator.Role, indicator.Family, threat?.Id.ToString() }.OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)]);
        if (StixMarking.Of(Marking) is StixMarking marking)
        {
            WriteList(writer, "object_marking_refs", [marking.Id]);
        }

        if (threat is not null)
        {
            writer.WriteStartArray("external_references");
            writer.WriteStartObject();
            writer.WriteString("source_name", "PhishMe Intelligence");
            writer.WriteString("external_id", threat.Id.ToString());
            writer.WriteIfKnown("url", threat.ThreatDetailUri);
            writer.WriteEndObject();
            writer.WriteEndArray();
        }
    });

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
