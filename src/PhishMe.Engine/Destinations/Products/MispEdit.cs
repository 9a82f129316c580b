using System.Globalization;
using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Rendering;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>The bodies of requests that add or edit a MISP event. All they change has one timestamp, which is newer than everything that MISP has of the event.</summary>
internal static class MispEdit
{
    private static readonly string[] _compared = ["type", "category", "value", "comment", "to_ids", "disable_correlation"];

    /// <summary>An event that MISP does not have.</summary>
    public static ReadOnlyMemory<byte> Whole(JsonElement rendered, long stamp) => Body(writer =>
    {
        foreach (var member in rendered.EnumerateObject())
        {
            if (member.Name == "Attribute")
            {
                WriteAttributes(writer, member.Value.EnumerateArray().Where(attribute => !IsTrue(attribute, "deleted")), stamp);
            }
            else if (member.Name == "timestamp")
            {
                writer.WriteString("timestamp", Text(stamp));
            }
            else
            {
                member.WriteTo(writer);
            }
        }
    });

    /// <summary>An event that MISP has, with what changed: attributes that are new or differ, and those of ours that left the threat, as deleted.</summary>
    public static ReadOnlyMemory<byte> Between(ThreatId threat, JsonElement stored, JsonElement rendered, long stamp) => Body(writer =>
    {
        foreach (var member in rendered.EnumerateObject().Where(member => member.Name is not ("Attribute" or "timestamp" or "Orgc")))
        {
            member.WriteTo(writer);
        }

        writer.WriteString("timestamp", Text(stamp));
        var known = stored.List("Attribute")?.Where(attribute => attribute.Text("uuid") is not null)
            .DistinctBy(attribute => attribute.Text("uuid"), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(attribute => attribute.Text("uuid")!, StringComparer.OrdinalIgnoreCase) ?? [];
        JsonElement[] wanted = [.. rendered.List("Attribute")!.Where(attribute => !IsTrue(attribute, "deleted"))];
        HashSet<string> stays = new(wanted.Select(attribute => attribute.Text("uuid")!), StringComparer.OrdinalIgnoreCase);
        writer.WriteStartArray("Attribute");
        foreach (var attribute in wanted.Where(attribute => !known.TryGetValue(attribute.Text("uuid")!, out var before) || Differs(before, attribute)))
        {
            Write(writer, attribute, stamp, isDeleted: false);
        }

        foreach (var attribute in Ours(threat, stored).Where(attribute => !stays.Contains(attribute.Text("uuid")!)))
        {
            Write(writer, attribute, stamp, isDeleted: true);
        }

        writer.WriteEndArray();
    });

    /// <summary>An event that MISP has, of a threat that was withdrawn: our attributes are marked as deleted, and the title says so.</summary>
    public static ReadOnlyMemory<byte> Withdrawn(ThreatId threat, JsonElement stored, string mark, long stamp) => Body(writer =>
    {
        writer.WriteString("uuid", stored.Text("uuid"));
        var info = stored.Text("info") ?? threat.ToString();
        writer.WriteString("info", info.StartsWith(mark, StringComparison.Ordinal) ? info : mark + info);
        writer.WriteString("timestamp", Text(stamp));
        writer.WriteStartArray("Attribute");
        foreach (var attribute in Ours(threat, stored))
        {
            Write(writer, attribute, stamp, isDeleted: true);
        }

        writer.WriteEndArray();
    });

    /// <summary>Epoch seconds of an event; 0 when it has none.</summary>
    public static long StampOf(JsonElement stored) => long.TryParse(stored.Text("timestamp"), NumberStyles.None, CultureInfo.InvariantCulture, out var stamp)
        ? stamp
        : stored.TryGetProperty("timestamp", out var number) && number.ValueKind == JsonValueKind.Number ? number.GetInt64() : 0;

    /// <summary>Live attributes that we put there: their uuids follow from threat, type and value, which no one else's do.</summary>
    private static IEnumerable<JsonElement> Ours(ThreatId threat, JsonElement stored) => (stored.List("Attribute") ?? []).Where(attribute =>
        !IsTrue(attribute, "deleted")
        && attribute.Text("type") is string type
        && attribute.Text("value") is string value
        && Guid.TryParse(attribute.Text("uuid"), out var uuid)
        && uuid == MispEventRenderer.AttributeUuid(threat, type, value));

    private static bool Differs(JsonElement before, JsonElement now) => IsTrue(before, "deleted") || _compared.Any(name => ValueOf(before, name) != ValueOf(now, name));

    /// <summary>MISP writes flags as true, 1 or "1", and leaves out what is false.</summary>
    private static string ValueOf(JsonElement attribute, string name) => name is "to_ids" or "disable_correlation"
        ? IsTrue(attribute, name) ? "1" : "0"
        : attribute.Text(name) ?? string.Empty;

    private static bool IsTrue(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.String => value.GetString() is "1" or "true",
        JsonValueKind.Number => value.GetInt32() != 0,
        _ => false,
    };

    private static string Text(long stamp) => stamp.ToString(CultureInfo.InvariantCulture);

    private static ReadOnlyMemory<byte> Body(Action<Utf8JsonWriter> write) => JsonBody.OfObject(writer =>
    {
        writer.WriteStartObject("Event");
        write(writer);
        writer.WriteEndObject();
    });

    private static void WriteAttributes(Utf8JsonWriter writer, IEnumerable<JsonElement> attributes, long stamp)
    {
        writer.WriteStartArray("Attribute");
        foreach (var attribute in attributes)
        {
            Write(writer, attribute, stamp, isDeleted: false);
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement attribute, long stamp, bool isDeleted)
    {
        writer.WriteStartObject();
        foreach (var name in (string[])["uuid", "type", "category", "value", "comment", "distribution"])
        {
            if (attribute.TryGetProperty(name, out var value))
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        }

        // What is taken back is not looked for either: older readers know no deletion.
        writer.WriteBoolean("to_ids", !isDeleted && IsTrue(attribute, "to_ids"));
        writer.WriteBoolean("disable_correlation", IsTrue(attribute, "disable_correlation"));
        writer.WriteString("timestamp", Text(stamp));
        writer.WriteBoolean("deleted", isDeleted);
        writer.WriteEndObject();
    }
}
