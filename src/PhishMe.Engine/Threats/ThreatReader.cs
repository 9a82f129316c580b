using System.Text.Json;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>
/// Reads a threat from the JSON of the API (reference/threat.md §2 and §3). Missing, null and oddly typed members count as absent: real answers lack most of what the
/// vendor's schema requires. The <c>_1</c> twin of a member is preferred, the plain one is the fallback.
/// </summary>
internal static class ThreatReader
{
    private static readonly JsonDocumentOptions _options = new() { MaxDepth = JsonDepth.MostOfThreat };

    /// <summary>Reads one bare threat object.</summary>
    /// <param name="json">The exact bytes received; the threat keeps them, so they must not be reused.</param>
    /// <param name="withdrawn">Whether the changelog said <c>deleted</c>.</param>
    /// <returns>The threat.</returns>
    /// <exception cref="PhishMeException">The bytes are no JSON object, or it has no usable id (<see cref="Faults.ApiAnswerInvalid"/>).</exception>
    public static Threat Read(ReadOnlyMemory<byte> json, bool withdrawn = false)
    {
        var text = json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text, _options);
        }
        catch (JsonException error)
        {
            throw new PhishMeException(Faults.ApiAnswerInvalid, "The text is not valid JSON.", innerException: error);
        }

        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new PhishMeException(Faults.ApiAnswerInvalid, $"A threat must be a JSON object, not {root.ValueKind}.");
            }

            var id = IdOf(root);
            return id.Type == ThreatType.Malware ? MalwareReader.Read(id, root, text, withdrawn) : PhishReader.Read(id, root, text, withdrawn);
        }
    }

    /// <summary>Finds product and number of a threat without reading the rest.</summary>
    /// <param name="threat">The bare threat object.</param>
    /// <param name="id">The id.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryGetId(JsonElement threat, out ThreatId id)
    {
        id = default;
        var number = threat.Get("id"u8);
        if (number.Whole() is not ({ } value and >= 0))
        {
            // 'm_123' is how searches write it.
            return ThreatId.TryParse(number.Text(), null, out id);
        }

        if (TypeOf(threat) is not { } type)
        {
            return false;
        }

        id = new ThreatId(type, value);
        return true;
    }

    private static ThreatId IdOf(JsonElement root)
    {
        if (TryGetId(root, out var id))
        {
            return id;
        }

        var type = root.Get("threatType"u8).Words();
        throw new PhishMeException(
            Faults.ApiAnswerInvalid,
            type is null || root.Get("id"u8).Whole() is not >= 0
                ? "The threat has no usable id."
                : "The threat has a type that this version does not support.",
            type is null ? null : $"threatType {(type.Length > 40 ? type[..40] : type)}");
    }

    private static ThreatType? TypeOf(JsonElement threat)
    {
        if (threat.Get("threatType"u8).Words() is { } said)
        {
            var type = said.AsSpan().Trim();
            return type.Equals("malware", StringComparison.OrdinalIgnoreCase) ? ThreatType.Malware
                : type.Equals("phish", StringComparison.OrdinalIgnoreCase) ? ThreatType.Phish
                : null;
        }

        // Damaged records: what only one product has tells which it is.
        if (Has(threat, "blockSet"u8) || Has(threat, "executableSet"u8) || Has(threat, "malwareFamilySet"u8) || Has(threat, "firstPublished"u8))
        {
            return ThreatType.Malware;
        }

        return Has(threat, "phishingURL"u8) || Has(threat, "phishingURL_1"u8) || Has(threat, "reportedURLs_1"u8) || Has(threat, "firstDate"u8)
            ? ThreatType.Phish
            : null;

        static bool Has(JsonElement element, ReadOnlySpan<byte> name) => element.Get(name).ValueKind != JsonValueKind.Undefined;
    }
}
