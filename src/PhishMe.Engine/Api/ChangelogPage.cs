using System.Text.Json;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Api;

/// <summary>One answer of <c>/threat/updates</c> (reference/api.md §5.2).</summary>
internal sealed record ChangelogPage
{
    /// <summary>Opaque; where to go on when this page is done.</summary>
    public required string NextPosition { get; init; }

    /// <summary>Entries of the answer before anything was left out: 1000 mean that there may be more.</summary>
    public required int RawCount { get; init; }

    /// <summary>Each threat once, oldest first, with its last word: a later delete cancels an earlier change.</summary>
    public required IReadOnlyList<ChangelogEntry> Entries { get; init; }

    /// <summary>Entries whose type or id cannot be read.</summary>
    public required int Unreadable { get; init; }

    /// <exception cref="ApiException">The answer is not what the documentation promises.</exception>
    public static ChangelogPage Read(ReadOnlyMemory<byte> json, string where)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new ApiException(ApiFailure.Answer, "The answer is not a JSON object.", where);
            }

            var hasData = root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object;
            if (root.TryGetProperty("success", out var success) && success.ValueKind == JsonValueKind.False)
            {
                var text = hasData && data.TryGetProperty("exception", out var exception) ? $": {exception}" : string.Empty;
                throw new ApiException(ApiFailure.Answer, $"The API reports a failure{text}.", where);
            }

            if (!hasData || !data.TryGetProperty("nextPosition", out var position)
                || position.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(position.GetString()))
            {
                throw new ApiException(ApiFailure.Answer, "The answer has no nextPosition.", where);
            }

            return Collapse(data, position.GetString()!);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter: text that is no Unicode, a lone surrogate or broken UTF-8.
            throw new ApiException(ApiFailure.Answer, "The answer is not JSON.", where, exception);
        }
    }

    private static ChangelogPage Collapse(JsonElement data, string nextPosition)
    {
        var last = new OrderedDictionary<ThreatId, bool>();
        int raw = 0, unreadable = 0;
        if (data.TryGetProperty("changelog", out var changelog) && changelog.ValueKind == JsonValueKind.Array)
        {
            foreach (var entry in changelog.EnumerateArray())
            {
                raw++;
                if (entry.ValueKind == JsonValueKind.Object && TryReadId(entry) is ThreatId id)
                {
                    last.Remove(id);
                    last.Add(id, entry.TryGetProperty("deleted", out var deleted) && deleted.ValueKind == JsonValueKind.True);
                }
                else
                {
                    unreadable++;
                }
            }
        }

        return new ChangelogPage
        {
            NextPosition = nextPosition,
            RawCount = raw,
            Entries = [.. last.Select(pair => new ChangelogEntry(pair.Key, pair.Value))],
            Unreadable = unreadable,
        };
    }

    private static ThreatId? TryReadId(JsonElement entry)
    {
        try
        {
            return ReadId(entry);
        }
        catch (InvalidOperationException)
        {
            return null; // Text that is no Unicode.
        }
    }

    private static ThreatId? ReadId(JsonElement entry)
    {
        var type = entry.TryGetProperty("threatType", out var word) && word.ValueKind == JsonValueKind.String
            ? ThreatTypes.Parse(word.GetString())
            : null;
        long? number = entry.TryGetProperty("threatId", out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.Number when value.TryGetInt64(out var integer) => integer,
                JsonValueKind.String when long.TryParse(value.GetString(), System.Globalization.CultureInfo.InvariantCulture, out var text) => text,
                _ => null,
            }
            : null;
        return type is ThreatType product && number is >= 0 ? new ThreatId(product, number.Value) : null;
    }
}
