using System.Buffers;
using System.Text.Json;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// Events for the HTTP event collector of Splunk, in the families and with the names of the vendor's app, because searches of customers use them: each entry
/// of a list is an event of its own, with the facts of its threat beside it.
/// </summary>
internal sealed class SplunkEvents(SplunkEventSelection selection)
{
    private const string MalwareFamily = "cofense_event_type";
    private const string BrandFamily = "phishme_brand_intelligence_event_type";

    private static readonly JsonWriterOptions _plain = new() { SkipValidation = true };

    /// <summary>What stands beside each entry of a list.</summary>
    private static readonly string[] _factsOfThreat =
    [
        "threatType", "id", "label", "firstPublished", "lastPublished", "firstDate", "lastDate", "threatDetailURL", "reportURL", "campaignBrandSet", "brands", "title",
    ];

    /// <summary>The events of a threat, each one JSON object.</summary>
    /// <param name="json">The threat as received.</param>
    /// <param name="replaced">The version that Splunk has already; null when it has none. What stands in it, too, is not made again.</param>
    /// <param name="lastPublished">Epoch milliseconds; null when unknown: then Splunk takes the time of receipt.</param>
    public IReadOnlyList<ReadOnlyMemory<byte>> Of(ReadOnlyMemory<byte> json, byte[]? replaced, long? lastPublished)
    {
        using var document = JsonDocument.Parse(json);
        var threat = document.RootElement;
        var known = replaced is null ? [] : EntriesOf(replaced);
        var events = new List<ReadOnlyMemory<byte>>();
        if (selection.Raw)
        {
            events.Add(Write(lastPublished, writer => WriteRaw(writer, threat)));
        }

        foreach (var (family, leftOut, entry) in Entries(threat))
        {
            if (known.Count == 0 || !known.Contains((family, entry.GetRawText())))
            {
                events.Add(Write(lastPublished, writer => WriteEntry(writer, threat, entry, family, leftOut)));
            }
        }

        return events;
    }

    /// <summary>The event that says that a threat was withdrawn.</summary>
    public ReadOnlyMemory<byte> Withdrawn(ThreatId id, DateTimeOffset now) => Write(now.ToUnixTimeMilliseconds(), writer =>
    {
        writer.WriteString(MalwareFamily, "deleted");
        writer.WriteNumber("id", id.Number);
        writer.WriteString("threatType", ThreatTypes.UpperWord(id.Type));
        writer.WriteBoolean("deleted", true);
    });

    private HashSet<(Family Family, string Text)> EntriesOf(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. Entries(document.RootElement).Select(entry => (entry.Family, entry.Entry.GetRawText()))];
    }

    /// <summary>The entries that are events, with the field that is left out of them.</summary>
    private IEnumerable<(Family Family, string? LeftOut, JsonElement Entry)> Entries(JsonElement threat)
    {
        foreach (var (isOn, list, family, leftOut) in Lists())
        {
            if (isOn)
            {
                foreach (var entry in ListOf(threat, list))
                {
                    yield return (family, leftOut, entry);
                }
            }
        }

        if (selection.PhishUrl && threat.TryGetProperty("phishingURL_1", out var page) && page.ValueKind == JsonValueKind.Object)
        {
            yield return (new Family(BrandFamily, "phish_url"), null, page);
        }

        foreach (var file in ListOf(threat, "kits").SelectMany(kit => ListOf(kit, "files")))
        {
            if (selection.KitFiles)
            {
                yield return (new Family(BrandFamily, "kit_files"), "emails", file);
            }

            if (selection.KitFileEmails)
            {
                foreach (var email in ListOf(file, "emails").Concat(ListOf(file, "observedEmails")))
                {
                    yield return (new Family(BrandFamily, "kit_file_emails"), null, email);
                }
            }
        }
    }

    private (bool IsOn, string List, Family Family, string? LeftOut)[] Lists() =>
    [
        (selection.BlockSet, "blockSet", new(MalwareFamily, "blockset"), null),
        (selection.ExecutableSet, "executableSet", new(MalwareFamily, "executableset"), "dateEntered"),
        (selection.SenderEmailSet, "senderEmailSet", new(MalwareFamily, "senderemailset"), null),
        (selection.SubjectSet, "subjectSet", new(MalwareFamily, "sendersubjectset"), null),
        (selection.ActionUrls, "actionURLs_1", new(BrandFamily, "action_url"), null),
        (selection.ReportedUrls, "reportedURLs_1", new(BrandFamily, "reported_url"), null),
        (selection.Kits, "kits", new(BrandFamily, "kits"), "files"),
        (selection.WebComponents, "webComponents", new(BrandFamily, "web_component"), null),
    ];

    private static IEnumerable<JsonElement> ListOf(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    private static void WriteRaw(Utf8JsonWriter writer, JsonElement threat)
    {
        writer.WriteString(MalwareFamily, "json_raw");
        foreach (var property in threat.EnumerateObject())
        {
            if (!property.NameEquals("threatType") && !property.NameEquals("hasReport") && !property.NameEquals(MalwareFamily))
            {
                property.WriteTo(writer);
            }
        }
    }

    /// <summary>The entry's own fields win over those of the threat.</summary>
    private static void WriteEntry(Utf8JsonWriter writer, JsonElement threat, JsonElement entry, Family family, string? leftOut)
    {
        writer.WriteString(family.Field, family.Name);
        var names = new HashSet<string>(StringComparer.Ordinal) { family.Field };
        if (entry.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in entry.EnumerateObject())
            {
                if (property.Name != leftOut && names.Add(property.Name))
                {
                    property.WriteTo(writer);
                }
            }
        }
        else
        {
            // A list of plain texts, as old answers have them.
            names.Add("value");
            writer.WritePropertyName("value");
            entry.WriteTo(writer);
        }

        foreach (var name in _factsOfThreat)
        {
            if (threat.TryGetProperty(name, out var fact) && names.Add(name))
            {
                writer.WritePropertyName(name);
                fact.WriteTo(writer);
            }
        }
    }

    private ReadOnlyMemory<byte> Write(long? time, Action<Utf8JsonWriter> writeEvent)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(output, _plain))
        {
            writer.WriteStartObject();
            if (time is long milliseconds)
            {
                // Seconds with a fraction, as the collector wants them.
                writer.WriteNumber("time", milliseconds / 1000m);
            }

            WriteIfSet(writer, "index", selection.Index);
            WriteIfSet(writer, "source", selection.Source);
            WriteIfSet(writer, "sourcetype", selection.SourceType);
            writer.WriteStartObject("event");
            writeEvent(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static void WriteIfSet(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    /// <summary>What says which family an event is of.</summary>
    private readonly record struct Family(string Field, string Name);
}
