using System.Buffers;
using System.Text.Json;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>JSON for a product, written member by member: a native program has no reflection.</summary>
internal static class JsonBody
{
    /// <summary>One JSON value in UTF-8.</summary>
    /// <param name="write">Writes it, with its brackets.</param>
    public static ReadOnlyMemory<byte> Of(Action<Utf8JsonWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            write(writer);
        }

        return output.WrittenMemory;
    }

    /// <summary>One JSON object in UTF-8.</summary>
    /// <param name="write">Writes its members.</param>
    public static ReadOnlyMemory<byte> OfObject(Action<Utf8JsonWriter> write) => Of(writer =>
    {
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
    });

    /// <summary>Writes a text; nothing when it is null.</summary>
    public static void WriteIfKnown(this Utf8JsonWriter writer, string name, string? value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (!string.IsNullOrEmpty(value))
        {
            writer.WriteString(name, value);
        }
    }

    /// <summary>The same JSON without the members of these names, at any depth: what of a payload is worth sending again.</summary>
    public static ReadOnlyMemory<byte> Without(ReadOnlyMemory<byte> json, params ReadOnlySpan<string> names)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var left = names.ToArray();
        return Of(writer => Copy(writer, root, left));

        static void Copy(Utf8JsonWriter writer, JsonElement element, string[] left)
        {
            if (element.ValueKind != JsonValueKind.Object)
            {
                element.WriteTo(writer);
                return;
            }

            writer.WriteStartObject();
            foreach (var member in element.EnumerateObject().Where(member => !left.Contains(member.Name, StringComparer.Ordinal)))
            {
                writer.WritePropertyName(member.Name);
                Copy(writer, member.Value, left);
            }

            writer.WriteEndObject();
        }
    }

    /// <summary>The text of a member; null when it is missing or something else.</summary>
    public static string? Text(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The whole number of a member; null when it is missing or something else.</summary>
    public static int? Number(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : null;

    /// <summary>A member that is an object; null when it is missing or something else.</summary>
    public static JsonElement? Object(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    /// <summary>The entries of a list; null when it is missing or something else.</summary>
    public static IReadOnlyList<JsonElement>? List(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : null;
}
