using System.Globalization;
using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>What is made of an indicator for ThreatStream: one object with one value, its indicator type, confidence, severity, tags and end.</summary>
internal sealed record AnomaliObservables
{
    private const string SourceName = "PhishMe Intelligence";
    private static readonly string[] _valueKeys = ["srcip", "domain", "url", "email", "md5"];

    public static IReadOnlySet<IndicatorKind> Kinds { get; } = new HashSet<IndicatorKind>
    {
        IndicatorKind.IPv4, IndicatorKind.IPv6, IndicatorKind.Domain, IndicatorKind.Url, IndicatorKind.Email,
        IndicatorKind.Md5, IndicatorKind.Sha1, IndicatorKind.Sha256, IndicatorKind.Ssdeep,
    };

    /// <summary>Whether the role decides about the indicator type; otherwise the kind alone, as in the vendor's table.</summary>
    public bool IsByRole { get; init; }

    /// <summary>How long an observable lives after the last publication.</summary>
    public required TimeSpan Retention { get; init; }

    public required IndicatorChoice Choice { get; init; }

    public IEnumerable<QueueItem> Compose(DestinationId destination, Delivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return Choice.Compose(destination, delivery, (threat, indicator) =>
        {
            // There is no call that takes an observable back: it ends now instead.
            var end = threat is null ? delivery.Now : (threat.LastPublished ?? threat.FirstPublished ?? delivery.Now) + Retention;
            return threat is not null && end <= delivery.Now ? default : Payload(threat, indicator, end);
        });
    }

    /// <summary>The value of an observable.</summary>
    public static string ValueOf(JsonElement observable) => observable.Text(KeyOf(observable))!;

    /// <summary>The member that holds the value.</summary>
    public static string KeyOf(JsonElement observable) => Array.Find(_valueKeys, key => observable.TryGetProperty(key, out _))!;

    private ReadOnlyMemory<byte> Payload(Threat? threat, Indicator indicator, DateTimeOffset end) => JsonBody.OfObject(writer =>
    {
        writer.WriteString(KeyOf(indicator.Kind), IndicatorValue.Of(indicator));
        writer.WriteString("itype", TypeOf(indicator));
        writer.WriteNumber("confidence", Choice.ConfidenceIn(indicator));
        writer.WriteString("severity", ImpactScores.Of(IndicatorChoice.ImpactOf(indicator)).AnomaliSeverity);
        writer.WriteString("source", SourceName);
        writer.WriteString("expiration_ts", end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        writer.WriteStartArray("tags");
        foreach (var tag in Tags(threat, indicator))
        {
            writer.WriteStartObject();
            writer.WriteString("name", tag);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    private static IEnumerable<string> Tags(Threat? threat, Indicator indicator)
    {
        string?[] tags =
        [
            "PhishMe", indicator.ThreatId.ToString(), indicator.Family, indicator.Role, ImpactScores.Of(IndicatorChoice.ImpactOf(indicator)).Word,
            threat is null ? "withdrawn" : null,
        ];
        return tags.Where(tag => !string.IsNullOrWhiteSpace(tag)).Distinct(StringComparer.OrdinalIgnoreCase)!;
    }

    private static string KeyOf(IndicatorKind kind) => kind switch
    {
        IndicatorKind.IPv4 or IndicatorKind.IPv6 => "srcip",
        IndicatorKind.Domain => "domain",
        IndicatorKind.Url => "url",
        IndicatorKind.Email => "email",
        _ => "md5",
    };

    /// <summary>The vendor's table; by role, the words of ThreatStream for what the value does.</summary>
    private string TypeOf(Indicator indicator)
    {
        var suffix = indicator.Kind switch
        {
            IndicatorKind.IPv4 or IndicatorKind.IPv6 => "ip",
            IndicatorKind.Domain => "domain",
            IndicatorKind.Url => "url",
            IndicatorKind.Email => "email",
            IndicatorKind.Ssdeep => "ssdeep",
            _ => "md5",
        };
        var isPhish = indicator.ThreatId.Type == ThreatType.Phish;
        return indicator.Kind switch
        {
            >= IndicatorKind.Md5 => $"mal_{suffix}",
            IndicatorKind.Email => isPhish ? "phish_email" : "mal_email",
            _ when !IsByRole => $"c2_{suffix}",
            _ when isPhish => $"phish_{suffix}",
            _ => indicator.Role?.ToUpperInvariant() switch
            {
                "C2" => $"c2_{suffix}",
                "PAYSITE" => $"suspicious_{suffix}",
                _ => $"mal_{suffix}",
            },
        };
    }
}
