using System.Globalization;
using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>What is made of an indicator for Defender: one entry for each value, as its import takes it, and beside it what decides who stays when there is no room.</summary>
internal sealed record DefenderIndicators
{
    private const int LongestTitle = 200;

    /// <summary>There is no type for e-mail addresses, and no hashes besides these.</summary>
    public static IReadOnlySet<IndicatorKind> Kinds { get; } = new HashSet<IndicatorKind>
    {
        IndicatorKind.IPv4, IndicatorKind.IPv6, IndicatorKind.Domain, IndicatorKind.Url, IndicatorKind.Md5, IndicatorKind.Sha1, IndicatorKind.Sha256,
    };

    public required IndicatorChoice Choice { get; init; }

    /// <summary>How long an indicator is valid after the last publication.</summary>
    public required TimeSpan Validity { get; init; }

    /// <summary>The word of the configuration.</summary>
    public required string Action { get; init; }

    public IEnumerable<QueueItem> Compose(DestinationId destination, Delivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return Choice.Compose(
            destination,
            delivery,
            (threat, indicator) => ValueOf(indicator) is not string value ? default
                : threat is null ? Retraction(indicator, value)
                : IndicatorValidity.EndOf(threat, Validity, delivery.Now) is var end && end > delivery.Now ? Payload(threat, indicator, value, end)
                : default);
    }

    /// <summary>What is worth sending again. Which of several threats came last is not, and dates are not unless the entry would end early.</summary>
    public ReadOnlyMemory<byte> Substance(QueueItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (item.Verb == DeliveryVerb.Retract || item.Key.Length == 0)
        {
            return item.Payload;
        }

        using var document = JsonDocument.Parse(item.Payload);
        var end = document.RootElement.GetProperty("expirationTime").GetDateTimeOffset();
        return (byte[])[.. JsonBody.Without(item.Payload, "title", "description", "expirationTime").Span, .. System.Text.Encoding.UTF8.GetBytes(IndicatorValidity.Half(end, Validity))];
    }

    /// <summary>Networks are not taken, and a domain stands for all below it anyway.</summary>
    private static string? ValueOf(Indicator indicator)
    {
        var value = indicator.Kind == IndicatorKind.Url ? IndicatorValue.Of(indicator) : indicator.NormalizedValue ?? IndicatorValue.Of(indicator);
        return indicator.Kind switch
        {
            IndicatorKind.IPv4 or IndicatorKind.IPv6 when value.Contains('/', StringComparison.Ordinal) => null,
            IndicatorKind.Domain when value.StartsWith("*.", StringComparison.Ordinal) => value[2..],
            _ => value,
        };
    }

    private static string TypeOf(IndicatorKind kind) => kind switch
    {
        IndicatorKind.IPv4 or IndicatorKind.IPv6 => "IpAddress",
        IndicatorKind.Domain => "DomainName",
        IndicatorKind.Url => "Url",
        IndicatorKind.Md5 => "FileMd5",
        IndicatorKind.Sha1 => "FileSha1",
        IndicatorKind.Sha256 => "FileSha256",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Defender has no type for it."),
    };

    private static ReadOnlyMemory<byte> Retraction(Indicator indicator, string value) => JsonBody.OfObject(writer =>
    {
        writer.WriteString("indicatorValue", value);
        writer.WriteString("indicatorType", TypeOf(indicator.Kind));
    });

    private ReadOnlyMemory<byte> Payload(Threat threat, Indicator indicator, string value, DateTimeOffset end) => JsonBody.OfObject(writer =>
    {
        var impact = IndicatorChoice.ImpactOf(indicator);
        writer.WriteString("indicatorValue", value);
        writer.WriteString("indicatorType", TypeOf(indicator.Kind));
        writer.WriteString("action", ActionOf(indicator, impact));
        var title = $"PhishMe {threat}";
        writer.WriteString("title", title.Length <= LongestTitle ? title : title[..LongestTitle]);
        writer.WriteString("description", string.Join(", ", new[]
        {
            $"Impact {ImpactScores.Of(impact).Word}", indicator.RoleDescription ?? indicator.Role, indicator.Family, threat.ThreatDetailUri,
        }.OfType<string>()));
        writer.WriteString("severity", impact switch
        {
            Impact.Major => "High",
            Impact.Moderate => "Medium",
            Impact.Minor => "Low",
            Impact.None => "Informational",
        });
        writer.WriteBoolean("generateAlert", true);
        writer.WriteString("expirationTime", end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    });

    private string ActionOf(Indicator indicator, Impact impact) => Action switch
    {
        _ when impact != Impact.Major || indicator.Corollary => "Audit",
        "warn" => "Warn",
        "block" => "Block",
        // Files alone can be remediated.
        "block_and_remediate" => indicator.Kind is IndicatorKind.Md5 or IndicatorKind.Sha1 or IndicatorKind.Sha256 ? "BlockAndRemediate" : "Block",
        _ => "Audit",
    };
}
