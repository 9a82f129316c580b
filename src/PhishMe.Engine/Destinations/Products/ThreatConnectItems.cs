using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>What ThreatConnect gets of a delivery: a group for each threat, its indicators, and its files, each with an id of its own.</summary>
/// <param name="id">The destination.</param>
/// <param name="options">Owner, type of the groups, and what is wanted.</param>
internal sealed class ThreatConnectItems(DestinationId id, ThreatConnect.Options options)
{
    private const int LongestLabel = 90;
    private const string Tag = "Cofense Intelligence";

    private static readonly HashSet<IndicatorKind> _hashes = [IndicatorKind.Md5, IndicatorKind.Sha1, IndicatorKind.Sha256];

    /// <summary>What is delivered, files included.</summary>
    public IndicatorChoice Counted { get; } = options.Choice with { Kinds = options.Choice.Kinds.Concat(_hashes).ToHashSet() };

    /// <summary>Groups stand before the indicators that name them.</summary>
    public IEnumerable<QueueItem> Of(Delivery delivery)
    {
        foreach (var withdrawn in options.Choice.Retracts ? delivery.Withdrawn : [])
        {
            yield return Item(DeliveryVerb.Retract, withdrawn.Id, $"group/{withdrawn.Id}", Object("group", writer =>
            {
                writer.WriteString("type", options.Group);
                writer.WriteString("xid", XidOf(withdrawn.Id));
            }));
        }

        foreach (var threat in delivery.Threats)
        {
            if (threat.Unit.Model is Threat model && options.Choice.Wants(model.Id))
            {
                yield return Item(DeliveryVerb.Upsert, model.Id, $"group/{model.Id}", Group(model));
            }
        }

        foreach (var item in options.Choice.Compose(id, delivery, Indicator))
        {
            yield return item;
        }

        foreach (var item in Files(delivery))
        {
            yield return item;
        }
    }

    private string XidOf(ThreatId threat) => Xid($"group|{threat}");

    private string Xid(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"phishme|{options.Owner}|{name}")));

    private QueueItem Item(DeliveryVerb verb, ThreatId threat, string key, ReadOnlyMemory<byte> payload) =>
        new() { Destination = id, Verb = verb, Threat = threat, Key = key, Payload = payload };

    private ReadOnlyMemory<byte> Group(Threat threat) => Object("group", writer =>
    {
        var label = threat.Label ?? threat.Id.ToString();
        writer.WriteString("name", $"{(label.Length <= LongestLabel ? label : label[..(LongestLabel - 1)] + "…")} ({threat.Id})");
        writer.WriteString("type", options.Group);
        writer.WriteString("xid", XidOf(threat.Id));
        if (options.Group == "Incident" && threat.FirstPublished is DateTimeOffset first)
        {
            writer.WriteString("eventDate", first.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        }

        writer.WriteStartArray("attribute");
        Attribute(writer, "Description", threat.ExecutiveSummary);
        Attribute(writer, "Source", $"Threat ID {threat.Id.Number.ToString(CultureInfo.InvariantCulture)}");
        Attribute(writer, "Additional Analysis and Context", threat.ReportUri);
        Attribute(writer, "Additional Analysis and Context", threat.ThreatDetailUri);
        writer.WriteEndArray();
        writer.WriteStartArray("tag");
        writer.WriteStartObject();
        writer.WriteString("name", Tag);
        writer.WriteEndObject();
        writer.WriteEndArray();
    });

    private ReadOnlyMemory<byte> Indicator(Threat? threat, Indicator indicator) => Indicator(
        threat,
        indicator.Kind switch
        {
            IndicatorKind.Domain => "Host",
            IndicatorKind.Url => "URL",
            IndicatorKind.Email => "EmailAddress",
            _ => "Address",
        },
        indicator.NormalizedValue!,
        IndicatorChoice.ImpactOf(indicator));

    private ReadOnlyMemory<byte> Indicator(Threat? threat, string type, string summary, Impact impact, int? rating = null) => Object("indicator", writer =>
    {
        writer.WriteString("type", type);
        writer.WriteString("summary", summary);
        writer.WriteString("xid", Xid($"{type}|{summary}"));
        if (threat is null)
        {
            return;
        }

        writer.WriteNumber("rating", rating ?? ImpactScores.Of(impact).ThreatConnectRating);
        writer.WriteNumber("confidence", options.Choice.Scores.Of(impact));
        writer.WriteStartArray("associatedGroups");
        writer.WriteStartObject();
        writer.WriteString("groupXid", XidOf(threat.Id));
        writer.WriteEndObject();
        writer.WriteEndArray();
    });

    /// <summary>A file is one indicator under all its hashes; it is taken back by the strongest one.</summary>
    private IEnumerable<QueueItem> Files(Delivery delivery)
    {
        foreach (var (threat, hash, _) in (options.Choice with { Kinds = _hashes }).Left(delivery).Where(left => !left.IsKept))
        {
            yield return Item(DeliveryVerb.Retract, threat, $"file/{hash.NormalizedValue}", Indicator(null, "File", hash.NormalizedValue!, Impact.None));
        }

        foreach (var threat in delivery.Threats)
        {
            foreach (var file in options.Choice.Wants(threat.Id) ? threat.Unit.Model?.Files ?? [] : [])
            {
                string[] hashes = [.. new[] { file.Hashes.Md5, file.Hashes.Sha1, file.Hashes.Sha256 }.OfType<string>().Where(hash => hash.Length > 0).Select(hash => hash.ToLowerInvariant())];
                var impact = file.Impact ?? Impact.Major;
                if (hashes.Length > 0 && impact >= options.Choice.MinimumImpact)
                {
                    yield return Item(
                        DeliveryVerb.Upsert, threat.Id, $"file/{hashes[^1]}", Indicator(threat.Unit.Model, "File", string.Join(" : ", hashes), impact, rating: impact == Impact.None ? 0 : 3));
                }
            }
        }
    }

    private static void Attribute(Utf8JsonWriter writer, string type, string? value)
    {
        if (!string.IsNullOrWhiteSpace(value))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            writer.WriteString("value", value);
            writer.WriteEndObject();
        }
    }

    private static ReadOnlyMemory<byte> Object(string kind, Action<Utf8JsonWriter> write) => Json(writer =>
    {
        writer.WriteStartObject(kind);
        write(writer);
        writer.WriteEndObject();
    });

    /// <summary>One JSON object.</summary>
    public static ReadOnlyMemory<byte> Json(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return output.WrittenMemory;
    }
}
