using System.Globalization;
using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>What is made of a threat for ThreatQ. Types and statuses are named in the queue; their numbers differ between installations.</summary>
/// <param name="Source">Name of the source that everything is filed under.</param>
/// <param name="Tlp">Traffic light marking.</param>
/// <param name="Status">Status of new indicators.</param>
/// <param name="Choice">Which indicators are delivered.</param>
internal sealed record ThreatQuotientItems(string Source, string Tlp, string Status, IndicatorChoice Choice)
{
    private const string EventPrefix = "event/";

    private static readonly Dictionary<IndicatorKind, (string Type, string Class)> _types = new()
    {
        [IndicatorKind.IPv4] = ("IP Address", "network"),
        [IndicatorKind.IPv6] = ("IPv6 Address", "network"),
        [IndicatorKind.Domain] = ("FQDN", "network"),
        [IndicatorKind.Url] = ("URL", "network"),
        [IndicatorKind.Email] = ("Email Address", "network"),
        [IndicatorKind.Md5] = ("MD5", "host"),
        [IndicatorKind.Sha1] = ("SHA-1", "host"),
        [IndicatorKind.Sha256] = ("SHA-256", "host"),
        [IndicatorKind.Sha384] = ("SHA-384", "host"),
        [IndicatorKind.Sha512] = ("SHA-512", "host"),
        [IndicatorKind.Ssdeep] = ("Fuzzy Hash", "host"),
    };

    public static IReadOnlySet<IndicatorKind> Kinds { get; } = _types.Keys.ToHashSet();

    /// <summary>The names of the types of what is delivered.</summary>
    public IEnumerable<string> TypeNames => _types.Where(type => Choice.Kinds.Contains(type.Key)).Select(type => type.Value.Type);

    public static bool IsEvent(PushItem item) => item.Key.StartsWith(EventPrefix, StringComparison.Ordinal);

    public IEnumerable<QueueItem> Compose(DestinationId destination, Delivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        foreach (var threat in delivery.Threats)
        {
            if (threat.Unit.Model is Threat model && Choice.Wants(model.Id))
            {
                yield return new QueueItem { Destination = destination, Threat = threat.Id, Key = EventPrefix + threat.Id, Payload = Event(model, delivery.Now) };
            }
        }

        foreach (var item in ThreatItems.Compose(
            Choice,
            destination,
            delivery,
            (_, threat, indicator) => Of(threat, indicator, isKept: false),
            (indicator, isKept) => Of(null, indicator, isKept)))
        {
            yield return item;
        }
    }

    private ReadOnlyMemory<byte> Event(Threat threat, DateTimeOffset now) => JsonBody.OfObject(writer =>
    {
        writer.WriteString("title", $"{threat.Label ?? "Threat"} ({threat.Id})");
        writer.WriteString("type", threat.Type == ThreatType.Malware ? "Malware" : "Phishing");
        writer.WriteString("happened_at", (threat.FirstPublished ?? now).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        writer.WriteIfKnown("description", threat.ExecutiveSummary);
        WriteSources(writer);
    });

    private ReadOnlyMemory<byte> Of(Threat? threat, Indicator indicator, bool isKept) => JsonBody.OfObject(writer =>
    {
        if (isKept)
        {
            // The value left this threat, but another one carries it.
            writer.WriteBoolean("kept", true);
        }

        var (type, kind) = _types[indicator.Kind];
        writer.WriteString("value", IndicatorValue.Of(indicator));
        writer.WriteString("type", type);
        writer.WriteString("status", threat is null ? "Expired" : Status);
        writer.WriteString("class", kind);
        WriteSources(writer);
        writer.WriteStartArray("attributes");
        if (threat is not null)
        {
            WriteAttribute(writer, "Threat ID", threat.Id.ToString());
            WriteAttribute(writer, "Impact", ImpactScores.Of(IndicatorChoice.ImpactOf(indicator)).Word);
            WriteAttribute(writer, "Role", indicator.Role);
            WriteAttribute(writer, "Malware Family", indicator.Family);
            WriteAttribute(writer, "Delivery Mechanism", indicator.DeliveryMechanism);
            WriteAttribute(writer, "File Name", indicator.FileName);
            WriteAttribute(writer, "Threat Detail URL", threat.ThreatDetailUri);
            WriteAttribute(writer, "Active Threat Report", threat.HasReport ? threat.ReportUri : null);
            foreach (var brand in threat.Brands)
            {
                WriteAttribute(writer, "Brand", brand);
            }
        }

        writer.WriteEndArray();
    });

    private void WriteSources(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("sources");
        writer.WriteStartObject();
        writer.WriteString("name", Source);
        writer.WriteString("tlp", Tlp.ToUpperInvariant());
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static void WriteAttribute(Utf8JsonWriter writer, string name, string? value)
    {
        if (!string.IsNullOrWhiteSpace(value))
        {
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.WriteString("value", value);
            writer.WriteEndObject();
        }
    }
}
