using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using PhishMe.Engine.Indicators;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>A canonical record as one line of JSON: for products that parse events themselves. What is not known is not there.</summary>
internal static class RecordJson
{
    // Receivers of events split at line breaks only, which are always escaped; text beyond ASCII stays readable.
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The line without its line break.</summary>
    public static ReadOnlyMemory<byte> Line(IndicatorRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var output = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(output, _options);
        json.WriteStartObject();
        json.WriteString("op"u8, record.Operation == RecordOperation.Retract ? "retract"u8 : "upsert"u8);
        WriteThreat(json, record.ThreatId);
        json.WriteString("kind"u8, IndicatorKinds.Of(record.Kind).Word);
        Text(json, "value"u8, record.Value);
        Text(json, "impact"u8, record.Impact?.ToString());
        if (record.Confidence is int confidence)
        {
            json.WriteNumber("confidence"u8, confidence);
        }

        Text(json, "role"u8, record.Role);
        Text(json, "role_description"u8, record.RoleDescription);
        Text(json, "family"u8, record.Family);
        Text(json, "delivery_mechanism"u8, record.DeliveryMechanism);
        Text(json, "subclass"u8, record.Subclass);
        if (record.Brands.Count > 0)
        {
            json.WriteStartArray("brands"u8);
            foreach (var brand in record.Brands)
            {
                json.WriteStringValue(ControlCharacters.Replace(brand, keepsLines: true));
            }

            json.WriteEndArray();
        }

        Text(json, "file_name"u8, record.FileName);
        json.WriteBoolean("corollary"u8, record.Corollary);
        Time(json, "first_published"u8, record.FirstPublished);
        Time(json, "last_published"u8, record.LastPublished);
        Text(json, "label"u8, record.Label);
        Text(json, "portal_url"u8, record.PortalUrl);
        Text(json, "report_url"u8, record.ReportUrl);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    /// <summary>The line that says that a whole threat was withdrawn, when no more is known of it.</summary>
    public static ReadOnlyMemory<byte> Withdrawal(ThreatId id)
    {
        var output = new ArrayBufferWriter<byte>(64);
        using var json = new Utf8JsonWriter(output, _options);
        json.WriteStartObject();
        json.WriteString("op"u8, "retract"u8);
        WriteThreat(json, id);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    private static void WriteThreat(Utf8JsonWriter json, ThreatId id)
    {
        json.WriteString("product"u8, id.Type == ThreatType.Malware ? "malware"u8 : "phish"u8);
        json.WriteString("threat_id"u8, id.ToString());
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            json.WriteString(name, ControlCharacters.Replace(text, keepsLines: true));
        }
    }

    private static void Time(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is DateTimeOffset known)
        {
            json.WriteString(name, Utf8Writing.TimeText(known));
        }
    }
}
