using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;

namespace PhishMe.Engine.Destinations.MispFeed;

/// <summary>
/// An event as a file of a feed. Readers take an event whose timestamp is newer than theirs, and of it attributes whose timestamps are newer; what an event no
/// longer mentions stays at the reader. So a new version has the attributes of the one before, those that left as deleted, and new timestamps for what changed.
/// </summary>
internal sealed class MispFeedEvent
{
    private const string Colour = "#0088cc";

    private MispFeedEvent(ReadOnlyMemory<byte> json, bool isChanged)
    {
        Json = json;
        IsChanged = isChanged;
    }

    /// <summary>The file.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>Whether it differs from the file that is there.</summary>
    public bool IsChanged { get; }

    /// <summary>The next version of an event.</summary>
    /// <param name="before">The file as it stands; null when it does not exist.</param>
    /// <param name="rendered">The event as rendered now.</param>
    /// <param name="now">Our clock.</param>
    public static MispFeedEvent Of(byte[]? before, ReadOnlyMemory<byte> rendered, DateTimeOffset now)
    {
        using var document = JsonDocument.Parse(rendered);
        using var known = before is null ? null : Parse(before);
        return Next(known?.RootElement.Object("Event"), document.RootElement.GetProperty("Event"), before, now);
    }

    /// <summary>The event with everything in it deleted: how a feed takes an event back.</summary>
    /// <param name="before">The file that is there.</param>
    /// <param name="now">Our clock.</param>
    public static MispFeedEvent Withdrawn(byte[] before, DateTimeOffset now)
    {
        using var known = Parse(before);
        return known?.RootElement.Object("Event") is JsonElement stored ? Next(stored, null, before, now) : new MispFeedEvent(before, isChanged: false);
    }

    /// <summary>Reads what the manifest and the hashes have of an event.</summary>
    /// <param name="json">The file.</param>
    /// <param name="organisation">The uuid of our organisation: events of others are not ours to list.</param>
    /// <param name="hashes">Receives the lines of hashes.csv.</param>
    /// <returns>Writes the entry of the manifest; null when it is no event of ours.</returns>
    public static Action<Utf8JsonWriter>? Describe(ReadOnlyMemory<byte> json, string organisation, StringBuilder hashes)
    {
        ArgumentNullException.ThrowIfNull(hashes);
        using var document = Parse(json);
        if (document?.RootElement.Object("Event") is not JsonElement stored || stored.Object("Orgc")?.Text("uuid") != organisation || stored.Text("uuid") is not string uuid)
        {
            return null;
        }

        foreach (var value in (stored.List("Attribute") ?? []).Where(attribute => !IsDeleted(attribute)).Select(attribute => attribute.Text("value")).OfType<string>().Distinct(StringComparer.Ordinal))
        {
#pragma warning disable CA5351 // The format prescribes MD5; nothing secret depends on it.
            hashes.Append(Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(value)))).Append(',').Append(uuid).Append('\n');
#pragma warning restore CA5351
        }

        var entry = stored.Clone();
        return writer =>
        {
            writer.WriteStartObject(uuid);
            foreach (var name in (string[])["Orgc", "Tag", "info", "date", "analysis", "threat_level_id", "timestamp"])
            {
                writer.WritePropertyName(name);
                entry.GetProperty(name).WriteTo(writer);
            }

            writer.WriteEndObject();
        };
    }

    /// <summary>When an event changed last; null when it cannot be read.</summary>
    public static DateTimeOffset? TimeOf(ReadOnlyMemory<byte> json)
    {
        using var document = Parse(json);
        return document?.RootElement.Object("Event") is JsonElement stored ? DateTimeOffset.FromUnixTimeSeconds(Stamp(stored)) : null;
    }

    private static MispFeedEvent Next(JsonElement? before, JsonElement? rendered, byte[]? file, DateTimeOffset now)
    {
        var source = rendered ?? before!.Value;
        var stamp = Math.Max(now.ToUnixTimeSeconds(), before is JsonElement known ? Stamp(known) + 1 : 0);
        var stored = (before?.List("Attribute") ?? []).Where(attribute => attribute.Text("uuid") is not null)
            .DistinctBy(attribute => attribute.Text("uuid")).ToDictionary(attribute => attribute.Text("uuid")!, StringComparer.Ordinal);
        var isChanged = before is null || HeadOf(before.Value) != HeadOf(source);
        var json = JsonBody.OfObject(writer =>
        {
            writer.WriteStartObject("Event");
            WriteHead(writer, source);
            writer.WriteStartArray("Attribute");
            foreach (var attribute in rendered?.List("Attribute") ?? [])
            {
                var isKnown = stored.Remove(attribute.Text("uuid")!, out var old);
                var isSame = isKnown && ContentOf(old, IsDeleted(old)) == ContentOf(attribute, IsDeleted(attribute));
                if (!isKnown && IsDeleted(attribute))
                {
                    continue;
                }

                isChanged |= !isSame;
                Write(writer, attribute, isSame ? Stamp(old) : stamp, IsDeleted(attribute));
            }

            foreach (var left in stored.Values)
            {
                isChanged |= !IsDeleted(left);
                Write(writer, left, IsDeleted(left) ? Stamp(left) : stamp, isDeleted: true);
            }

            writer.WriteEndArray();
            var at = Text(isChanged ? stamp : Stamp(before!.Value));
            writer.WriteString("timestamp", at);
            writer.WriteString("publish_timestamp", at);
            writer.WriteEndObject();
        });
        return isChanged ? new MispFeedEvent(json, isChanged: true) : new MispFeedEvent(file, isChanged: false);
    }

    /// <summary>Everything but attributes and times. Who sees the event is for the reader to say.</summary>
    private static void WriteHead(Utf8JsonWriter writer, JsonElement source)
    {
        foreach (var member in source.EnumerateObject().Where(member => member.Name is not ("Attribute" or "timestamp" or "publish_timestamp" or "distribution" or "published" or "Tag")))
        {
            member.WriteTo(writer);
        }

        writer.WriteBoolean("published", true);
        writer.WriteStartArray("Tag");
        foreach (var tag in source.List("Tag") ?? [])
        {
            writer.WriteStartObject();
            writer.WriteString("name", tag.Text("name"));
            writer.WriteString("colour", Colour);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string HeadOf(JsonElement source) => Encoding.UTF8.GetString(JsonBody.OfObject(writer => WriteHead(writer, source)).Span);

    private static string ContentOf(JsonElement attribute, bool isDeleted) =>
        Encoding.UTF8.GetString(JsonBody.Of(writer => Write(writer, attribute, 0, isDeleted)).Span);

    private static void Write(Utf8JsonWriter writer, JsonElement attribute, long stamp, bool isDeleted)
    {
        writer.WriteStartObject();
        foreach (var member in attribute.EnumerateObject().Where(member => member.Name is not ("timestamp" or "deleted" or "distribution")))
        {
            member.WriteTo(writer);
        }

        writer.WriteBoolean("deleted", isDeleted);
        writer.WriteString("timestamp", Text(stamp));
        writer.WriteEndObject();
    }

    private static bool IsDeleted(JsonElement attribute) => attribute.TryGetProperty("deleted", out var deleted) && deleted.ValueKind == JsonValueKind.True;

    private static long Stamp(JsonElement element) =>
        long.TryParse(element.Text("timestamp"), NumberStyles.None, CultureInfo.InvariantCulture, out var stamp) ? stamp : 0;

    private static string Text(long stamp) => stamp.ToString(CultureInfo.InvariantCulture);

    private static JsonDocument? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
