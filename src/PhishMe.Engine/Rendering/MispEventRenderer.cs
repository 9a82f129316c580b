using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using PhishMe.Engine.Indicators;
using PhishMe.Engine.Rendering.Blocking;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// Writes a threat as a MISP event (MISP core format): one attribute per indicator, sender data and subjects included but not marked for detection.
/// Event and attributes keep their name-based uuids over all versions, so that an import updates instead of repeating; a withdrawn threat comes
/// out with all attributes <c>deleted</c>, an indicator that left a threat as one such attribute.
/// </summary>
internal sealed class MispEventRenderer
{
    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly MispEventOptions _options;

    /// <summary>Creates the renderer.</summary>
    /// <param name="options">What may differ; null for the defaults.</param>
    public MispEventRenderer(MispEventOptions? options = null)
    {
        _options = options ?? new MispEventOptions();
    }

    /// <summary>Writes the event, one line without line end.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="output">Takes the UTF-8 bytes.</param>
    public void Render(Threat threat, IBufferWriter<byte> output) => Render(threat, output, null);

    internal void Render(Threat threat, IBufferWriter<byte> output, LeftOutCounts? leftOut)
    {
        ArgumentNullException.ThrowIfNull(threat);
        ArgumentNullException.ThrowIfNull(output);
        var first = threat.FirstPublished ?? threat.LastPublished ?? threat.ReceivedAt ?? _options.Clock.GetUtcNow();
        var last = threat.LastPublished ?? first;
        last = threat.ReceivedAt > last ? threat.ReceivedAt.Value : last;

        // MISP takes an update only when its timestamp is newer.
        var timestamp = (last.ToUnixTimeSeconds() + (threat.Withdrawn ? 1 : 0)).ToString(CultureInfo.InvariantCulture);

        using var json = new Utf8JsonWriter(output, _json);
        json.WriteStartObject();
        json.WriteStartObject("Event"u8);
        json.WriteString("uuid"u8, EventUuid(threat.Id));
        json.WriteString("info"u8, $"{MispAttributeRule.OneLine(threat.Label) ?? "Threat"} ({threat.Id})");
        json.WriteString("date"u8, first.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteString("timestamp"u8, timestamp);
        json.WriteString("threat_level_id"u8, LevelOf(threat.Impact));
        json.WriteString("analysis"u8, "2"u8);
        json.WriteString("distribution"u8, _options.Distribution.ToString(CultureInfo.InvariantCulture));
        json.WriteBoolean("published"u8, false);
        json.WriteStartObject("Orgc"u8);
        json.WriteString("uuid"u8, Uuid("organisation", _options.Organisation));
        json.WriteString("name"u8, _options.Organisation);
        json.WriteEndObject();
        WriteTags(threat, json);

        json.WriteStartArray("Attribute"u8);
        var written = new HashSet<Guid>();
        foreach (var indicator in threat.Indicators)
        {
            if (_options.Filter.Takes(indicator, leftOut))
            {
                WriteIndicator(threat, indicator, threat.Withdrawn, timestamp, json, written, leftOut);
            }
        }

        // MISP keeps what an update does not mention.
        foreach (var indicator in threat.RemovedIndicators)
        {
            if (_options.Filter.Takes(indicator))
            {
                WriteIndicator(threat, indicator, isDeleted: true, timestamp, json, written, null);
            }
        }

        WriteLink(threat, "Threat Detail", threat.ThreatDetailUri, timestamp, json, written);
        WriteLink(threat, "Active Threat Report", threat.HasReport ? threat.ReportUri : null, timestamp, json, written);
        WriteLink(threat, "Screenshot", threat.ScreenshotUri, timestamp, json, written);
        if (threat.ExecutiveSummary is { } summary)
        {
            WriteAttribute(threat, "text", "External analysis", summary, "Executive summary", detect: false, threat.Withdrawn, timestamp, json, written);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
    }

    /// <summary>The uuid of the event of a threat.</summary>
    internal static Guid EventUuid(ThreatId threat) => Uuid("event", threat.ToString());

    /// <summary>The uuid of an attribute of a threat.</summary>
    internal static Guid AttributeUuid(ThreatId threat, string type, string value) => Uuid("attribute", $"{threat}|{type}|{value}");

    private static Guid Uuid(string part, string name) => NameBasedUuid.Create($"misp|{part}|{name}");

    private static string LevelOf(Impact? impact) => impact is not Impact known
        ? "4"
        : known switch { Impact.Major => "1", Impact.Moderate => "2", Impact.Minor => "3", Impact.None => "4" };

    private static string? TypeOf(Indicator indicator)
    {
        var kind = IndicatorKinds.Of(indicator.Kind);
        return indicator.Source is IndicatorSource.SenderIp or IndicatorSource.SenderAddress ? kind.MispSenderType ?? kind.MispType : kind.MispType;
    }

    // 'Payload delivery' takes every type we write except addresses the malware itself talks to.
    private static string CategoryOf(Indicator indicator) =>
        IndicatorKinds.Of(indicator.Kind).IsNetwork
        && indicator.Source is not (IndicatorSource.SenderAddress or IndicatorSource.SenderDomain or IndicatorSource.SenderIp or IndicatorSource.SpamUrl)
            ? "Network activity"
            : "Payload delivery";

    private void WriteIndicator(
        Threat threat, Indicator indicator, bool isDeleted, string timestamp, Utf8JsonWriter json, HashSet<Guid> written, LeftOutCounts? leftOut)
    {
        if (TypeOf(indicator) is not string type)
        {
            leftOut?.Add(LeftOutReason.NoForm);
            return;
        }

        if (MispAttributeRule.Fit(indicator.Kind, IndicatorValue.Of(indicator)) is not string value)
        {
            leftOut?.Add(LeftOutReason.Malformed);
            return;
        }

        var comment = string.Join(", ", new[]
        {
            indicator.Impact is { } impact ? $"impact {impact}" : null,
            indicator.Role,
            indicator.Family ?? indicator.DeliveryMechanism,
            indicator.Subclass,
            indicator.FileName,
        }.Where(part => part is not null));
        var detect = indicator.Impact >= _options.DetectionImpact && BlockListRule.Default.Decide(indicator).IsAllowed;
        WriteAttribute(threat, type, CategoryOf(indicator), value, comment, detect, isDeleted, timestamp, json, written, CanCorrelate(indicator));
    }

    /// <summary>Whether two events that hold the value have more in common than thousands have.</summary>
    private static bool CanCorrelate(Indicator indicator) =>
        indicator.Kind is not (IndicatorKind.Email or IndicatorKind.Subject)
        && indicator.Impact != Impact.None
        && !string.Equals(indicator.Role, "IDinfo", StringComparison.OrdinalIgnoreCase);

    private void WriteLink(Threat threat, string comment, string? url, string timestamp, Utf8JsonWriter json, HashSet<Guid> written)
    {
        if (MispAttributeRule.Link(url) is string link)
        {
            WriteAttribute(threat, "link", "External analysis", link, comment, detect: false, threat.Withdrawn, timestamp, json, written);
        }
    }

    private void WriteAttribute(
        Threat threat,
        string type,
        string category,
        string value,
        string comment,
        bool detect,
        bool isDeleted,
        string timestamp,
        Utf8JsonWriter json,
        HashSet<Guid> written,
        bool canCorrelate = false)
    {
        var uuid = AttributeUuid(threat.Id, type, value);
        if (!written.Add(uuid))
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("uuid"u8, uuid);
        json.WriteString("type"u8, type);
        json.WriteString("category"u8, category);
        json.WriteString("value"u8, value);
        json.WriteString("comment"u8, comment);
        json.WriteBoolean("to_ids"u8, detect);
        json.WriteString("timestamp"u8, timestamp);
        json.WriteString("distribution"u8, "5"u8);
        json.WriteBoolean("deleted"u8, isDeleted);
        if (_options.LimitsCorrelation && !canCorrelate)
        {
            json.WriteBoolean("disable_correlation"u8, true);
        }

        json.WriteEndObject();
    }

    private void WriteTags(Threat threat, Utf8JsonWriter json)
    {
        json.WriteStartArray("Tag"u8);
        if (_options.Marking != TlpLevel.None)
        {
            WriteTag(json, $"tlp:{TlpLevels.WordOf(_options.Marking)}");
        }

        foreach (var tag in _options.Tags)
        {
            WriteTag(json, tag);
        }

        WriteTag(json, threat.Type == ThreatType.Malware ? "phishme:type=\"malware\"" : "phishme:type=\"phish\"");
        foreach (var family in threat.Families)
        {
            WriteTag(json, $"phishme:family=\"{family}\"");
        }

        foreach (var brand in threat.Brands)
        {
            WriteTag(json, $"phishme:brand=\"{brand}\"");
        }

        if (threat.Withdrawn)
        {
            WriteTag(json, "phishme:status=\"withdrawn\"");
        }

        json.WriteEndArray();
    }

    private static void WriteTag(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteEndObject();
    }
}
