using System.Net;
using System.Text;
using System.Text.Json;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>What a product answered, read whole.</summary>
internal sealed record HttpAnswer
{
    /// <summary>Characters of a product's words that are repeated in a message.</summary>
    private const int LongestWords = 300;

    /// <summary>Bytes of an answer that are looked through for its words.</summary>
    private const int BytesRead = 4096;

    private const int ShortestSecret = 4;

    public required HttpStatusCode Status { get; init; }

    /// <summary>Media type without parameters; null when the answer names none.</summary>
    public string? MediaType { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Where the thing is that the call was about; null when the answer does not say.</summary>
    public Uri? Location { get; init; }

    /// <summary>What <see cref="Words"/> never repeats.</summary>
    public IReadOnlyCollection<string> Secrets { get; init; } = [];

    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>The body as JSON; null when it is something else, whatever its media type says.</summary>
    public JsonElement? Json()
    {
        try
        {
            var reader = new Utf8JsonReader(Body.Span);
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Status and, unless the answer is a page for people, the beginning of its words on one line, without secrets.</summary>
    public string Words()
    {
        var status = FormattableString.Invariant($"{(int)Status}");
        if (Body.IsEmpty || MediaType is "text/html")
        {
            return status;
        }

        var line = string.Concat(Encoding.UTF8.GetString(Body.Span[..Math.Min(Body.Length, BytesRead)]).Select(character => char.IsControl(character) ? ' ' : character)).Trim();
        foreach (var secret in Secrets.Where(secret => secret.Length >= ShortestSecret).OrderByDescending(secret => secret.Length))
        {
            line = line.Replace(secret, "********", StringComparison.Ordinal);
        }

        return line.Length == 0 ? status : $"{status}: {(line.Length <= LongestWords ? line : line[..LongestWords] + "…")}";
    }
}
