using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Rendering;

namespace PhishMe.Engine.Destinations.Taxii;

/// <summary>
/// Items as one envelope (TAXII 2.1, 3.7). What they share stands in it once, before what refers to it. Each version is later than the one before, whatever
/// our clock says.
/// </summary>
internal sealed class TaxiiEnvelope
{
    /// <summary>The score of the lowest life: it leaves room for scores of withdrawals below.</summary>
    private const int LowestScore = 20;

    private readonly TaxiiPushOptions _options;
    private readonly Dictionary<string, int> _items = new(StringComparer.Ordinal);
    private readonly StixBundleOptions _stix;

    /// <param name="options">What is pushed.</param>
    /// <param name="items">The items.</param>
    /// <param name="versions">Their times, one for each.</param>
    /// <param name="lives">How often each was taken back before.</param>
    public TaxiiEnvelope(TaxiiPushOptions options, IReadOnlyList<PushItem> items, IReadOnlyList<TaxiiVersion> versions, IReadOnlyList<int> lives)
    {
        _options = options;
        _stix = new StixBundleOptions { Marking = options.Marking };
        Body = JsonBody.OfObject(json =>
        {
            json.WriteStartArray("objects");
            var shared = new StixSharedWriter(_stix, json);
            shared.WriteIdentity();
            StixMarking.Of(options.Marking)?.Write(json);
            var families = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < items.Count; i++)
            {
                Write(json, shared, families, items[i], versions[i], lives[i], i);
            }

            json.WriteEndArray();
        });
    }

    /// <summary>The bytes to send.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Which item an object belongs to; null for what items share.</summary>
    public int? ItemOf(string id) => _items.TryGetValue(id, out var place) ? place : null;

    private void Write(Utf8JsonWriter json, StixSharedWriter shared, HashSet<string> families, PushItem item, TaxiiVersion version, int life, int place)
    {
        using var payload = JsonDocument.Parse(item.Payload);
        var content = payload.RootElement.GetProperty(TaxiiItems.ObjectMember);
        var isReport = item.Key.StartsWith(TaxiiItems.ReportPrefix, StringComparison.Ordinal);
        var id = TaxiiItems.IdOf(item.Key);
        var (created, modified) = (IndicatorValidity.Text(version.Created), IndicatorValidity.Text(version.Modified));
        var family = item.IsRetraction ? null : payload.RootElement.Text(TaxiiItems.FamilyMember);
        if (family is not null && families.Add(family))
        {
            shared.WriteFamily(family);
        }

        _items[id] = place;
        json.WriteStartObject();
        shared.WriteHead(isReport ? "report"u8 : "indicator"u8, id, created, modified);
        json.WriteBoolean("revoked", item.IsRetraction);
        foreach (var member in content.EnumerateObject().Where(member => !item.IsRetraction || member.Name is not ("valid_from" or "valid_until")))
        {
            member.WriteTo(json);
        }

        if (!isReport)
        {
            WriteEnd(json, item, content, version, modified, life);
        }

        json.WriteEndObject();
        if (family is not null)
        {
            var malware = StixSharedWriter.FamilyId(family);
            var relationship = StixSharedWriter.Id("relationship", $"{id}|indicates|{malware}");
            _items[relationship] = place;
            json.WriteStartObject();
            shared.WriteHead("relationship"u8, relationship, created, modified);
            json.WriteString("relationship_type", "indicates");
            json.WriteString("source_ref", id);
            json.WriteString("target_ref", malware);
            json.WriteEndObject();
        }
    }

    private void WriteEnd(Utf8JsonWriter json, PushItem item, JsonElement content, TaxiiVersion version, string modified, int life)
    {
        if (item.IsRetraction)
        {
            // Readers that do not look at revoked look at the validity.
            var from = content.GetProperty("valid_from").GetDateTimeOffset();
            json.WriteString("valid_from", IndicatorValidity.Text(from < version.Modified ? from : version.Modified.AddSeconds(-1)));
            json.WriteString("valid_until", modified);
        }

        if (_options.IsOpenCti)
        {
            // Under a decay rule the platform ignores a version whose score it was sent before, with everything else in it: every end and every return
            // has a score of its own.
            var score = Math.Max(content.Number("confidence") ?? LowestScore, LowestScore);
            json.WriteNumber("x_opencti_score", item.IsRetraction ? life : Math.Max(score - life, life + 1));
        }
    }
}
