using System.Security.Cryptography;
using System.Text.Json;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>Collects the threats of an answer or a file, each once and as a slice of it: the last one where an id repeats.</summary>
/// <param name="body">What the threats are slices of.</param>
/// <param name="isStrict">Whether the readers handed in are strict; if not, each threat is read once more by one that is.</param>
internal sealed class ThreatCollector(ReadOnlyMemory<byte> body, bool isStrict)
{
    private static readonly JsonReaderOptions _strict = new() { MaxDepth = JsonDepth.MostOfThreat };

    private readonly Dictionary<ThreatId, int> _places = [];

    public List<ThreatDocument> Threats { get; } = [];

    public List<UnreadableThreat> Unreadable { get; } = [];

    /// <summary>
    /// Strictly, unlike the envelope: a threat is passed on as it is, and whoever reads it next need not be as tolerant as we are.
    /// </summary>
    public void Add(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        if (isStrict)
        {
            Add(ref reader, start, offset: 0);
            return;
        }

        reader.Skip();
        AddDetail(start, (int)reader.BytesConsumed);
    }

    /// <summary>One that stands between two places of the body.</summary>
    public void AddDetail(int start, int end)
    {
        try
        {
            var reader = new Utf8JsonReader(body.Span[start..end], _strict);
            reader.Read();
            Add(ref reader, start, offset: start);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            Unreadable.Add(new UnreadableThreat(JsonDepth.ReasonAgainst(body.Span[start..end]), body[start..end].ToArray()));
        }
    }

    /// <param name="reader">Stands on the first token of the threat, and afterwards on its last.</param>
    /// <param name="start">Where the threat starts in the body.</param>
    /// <param name="offset">Where in the body the reader's own count starts.</param>
    private void Add(ref Utf8JsonReader reader, int start, int offset)
    {
        var walk = new JsonWalk();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            walk.Skip(ref reader);
            Unreadable.Add(new UnreadableThreat("The element is not an object.", body[start..((int)reader.BytesConsumed + offset)].ToArray()));
            return;
        }

        long? number = null;
        ThreatType? type = null;
        long? firstPublished = null, lastPublished = null, firstDate = null, lastDate = null;
        (int Start, int Length) moved = default, updated = default;
        while (walk.Read(ref reader) && reader.TokenType == JsonTokenType.PropertyName)
        {
            switch (reader.ValueSpan)
            {
                case [(byte)'i', (byte)'d']:
                    number = ReadInteger(ref reader, ref walk);
                    break;
                case var name when name.SequenceEqual("threatType"u8):
                    type = ReadType(ref reader, ref walk);
                    break;
                case var name when name.SequenceEqual("firstPublished"u8):
                    firstPublished = ReadDate(ref reader, ref walk);
                    break;
                case var name when name.SequenceEqual("firstDate"u8):
                    firstDate = ReadDate(ref reader, ref walk);
                    break;
                case var name when name.SequenceEqual("lastPublished"u8):
                    lastPublished = ReadDate(ref reader, ref walk);
                    moved = Place(reader, start, offset);
                    break;
                case var name when name.SequenceEqual("lastDate"u8):
                    lastDate = ReadDate(ref reader, ref walk);
                    moved = type == ThreatType.Malware ? moved : Place(reader, start, offset);
                    break;
                // Old records repeat the date under this name (reference/threat.md §2).
                case var name when name.SequenceEqual("lastUpdated"u8):
                    _ = ReadDate(ref reader, ref walk);
                    updated = Place(reader, start, offset);
                    break;
                default:
                    walk.Skip(ref reader);
                    break;
            }
        }

        var json = body[start..((int)reader.BytesConsumed + offset)];
        if (number is not long id || id < 0)
        {
            Unreadable.Add(new UnreadableThreat("The threat has no id.", json.ToArray()));
            return;
        }

        if (type is not ThreatType product)
        {
            Unreadable.Add(new UnreadableThreat($"The threat {id} is of an unknown type.", json.ToArray()));
            return;
        }

        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var malware = product == ThreatType.Malware;
        var document = new ThreatDocument
        {
            Id = new ThreatId(product, id),
            FirstPublished = malware ? firstPublished : firstDate ?? firstPublished,
            LastPublished = malware ? lastPublished : lastDate ?? lastPublished,
            Json = json,
            IsCompact = walk.IsCompact,
            Content = ContentHash.Without(json.Span, moved.Start < updated.Start ? [moved, updated] : [updated, moved], sha256),
        };
        if (_places.TryGetValue(document.Id, out var place))
        {
            Threats[place] = document;
        }
        else
        {
            _places.Add(document.Id, Threats.Count);
            Threats.Add(document);
        }
    }

    /// <summary>Where the value just read stands within the object.</summary>
    private static (int Start, int Length) Place(Utf8JsonReader reader, int start, int offset) =>
        ((int)reader.TokenStartIndex + offset - start, (int)(reader.BytesConsumed - reader.TokenStartIndex));

    /// <summary>Epoch milliseconds within the range of the calendar; anything else is no date.</summary>
    private static long? ReadDate(ref Utf8JsonReader reader, ref JsonWalk walk) =>
        ReadInteger(ref reader, ref walk) is long date and >= 0 && date <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? date : null;

    private static long? ReadInteger(ref Utf8JsonReader reader, ref JsonWalk walk)
    {
        walk.Read(ref reader);
        long? value = reader.TokenType switch
        {
            JsonTokenType.Number when reader.TryGetInt64(out var integer) => integer,
            JsonTokenType.Number when reader.TryGetDouble(out var real) && real is >= 0 and < long.MaxValue => (long)real,
            JsonTokenType.String when long.TryParse(reader.GetString(), System.Globalization.CultureInfo.InvariantCulture, out var text) => text,
            _ => null,
        };
        walk.Skip(ref reader);
        return value;
    }

    private static ThreatType? ReadType(ref Utf8JsonReader reader, ref JsonWalk walk)
    {
        walk.Read(ref reader);
        var type = reader.TokenType == JsonTokenType.String ? ThreatTypes.Parse(reader.GetString()) : null;
        walk.Skip(ref reader);
        return type;
    }
}
