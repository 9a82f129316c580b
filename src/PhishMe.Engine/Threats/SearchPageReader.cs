using System.Security.Cryptography;
using System.Text.Json;
using PhishMe.Engine.Api;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>Reads a <c>/threat/search</c> or detail answer in one pass: no document tree, no copies, each threat a slice of the body.</summary>
internal static class SearchPageReader
{
    /// <summary>For an answer that is no strict JSON: then only the threats that are none are lost, not their neighbours.</summary>
    private static readonly JsonReaderOptions Tolerant = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = int.MaxValue,
    };

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = JsonDepth.MostOfThreat };

    /// <summary>The envelope is no part of the depth that a threat may have.</summary>
    private static readonly JsonReaderOptions StrictEnvelope = new() { MaxDepth = JsonDepth.MostOfThreat + 3 };

    /// <summary>Takes over the body.</summary>
    /// <exception cref="ApiException">The answer is not JSON, not an envelope, or <c>success</c> is false.</exception>
    public static SearchPage Read(ResponseBody body, string where)
    {
        try
        {
            return TryReadStrictly(body, where) ?? ReadEnvelope(body, where, Tolerant, new ThreatCollector(body.Bytes, isStrict: false));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter: text that is no Unicode, a lone surrogate or broken UTF-8.
            body.Dispose();
            throw new ApiException(ApiFailure.Answer, "The answer is not JSON.", where, exception);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>Reads one bare threat object, as it stands in a raw file or in the store; null when it is none.</summary>
    public static ThreatDocument? ReadThreat(ReadOnlyMemory<byte> json)
    {
        var length = json.Span.TrimEnd(" \t\r\n"u8).Length;
        var collector = new ThreatCollector(json, isStrict: true);
        try
        {
            if (length > 0)
            {
                collector.AddDetail(0, length);
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return collector.Threats is [ThreatDocument threat] ? threat : null;
    }

    /// <returns>Null when the answer is no strict JSON.</returns>
    private static SearchPage? TryReadStrictly(ResponseBody body, string where)
    {
        try
        {
            return ReadEnvelope(body, where, StrictEnvelope, new ThreatCollector(body.Bytes, isStrict: true));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static SearchPage ReadEnvelope(ResponseBody body, string where, JsonReaderOptions options, ThreatCollector threats)
    {
        var reader = new Utf8JsonReader(body.Bytes.Span, options);
        bool? success = null;
        var hasData = false;
        string? serverText = null;
        var totalPages = 0;
        long totalElements = 0;

        Expect(ref reader, JsonTokenType.StartObject, where);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("success"u8))
            {
                reader.Read();
                success = reader.TokenType == JsonTokenType.True;
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    hasData = true;
                    var start = (int)reader.TokenStartIndex;
                    if (!ReadData(ref reader, threats, ref totalPages, ref totalElements, ref serverText))
                    {
                        threats.AddDetail(start, (int)reader.BytesConsumed);
                    }
                }
                else
                {
                    reader.Skip();
                }
            }
            else
            {
                reader.Skip();
            }
        }

        if (success == false)
        {
            throw new ApiException(ApiFailure.Answer, $"The API reports a failure{Quote(serverText)}.", where);
        }

        return hasData
            ? new SearchPage(body, threats.Threats, threats.Unreadable) { TotalPages = totalPages, TotalElements = totalElements }
            : throw new ApiException(ApiFailure.Answer, "The answer has no data.", where);
    }

    /// <returns>Whether this is the data of a search; otherwise it may be the data of a detail answer, a threat itself.</returns>
    private static bool ReadData(ref Utf8JsonReader reader, ThreatCollector threats, ref int totalPages, ref long totalElements, ref string? serverText)
    {
        var isSearch = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("threats"u8))
            {
                isSearch = true;
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartArray)
                {
                    reader.Skip();
                    continue;
                }

                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    threats.Add(ref reader);
                }
            }
            else if (reader.ValueTextEquals("page"u8))
            {
                isSearch = true;
                reader.Read();
                ReadPage(ref reader, ref totalPages, ref totalElements);
            }
            else if (reader.ValueTextEquals("exception"u8))
            {
                reader.Read();
                serverText = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        return isSearch || serverText is not null;
    }

    private static void ReadPage(ref Utf8JsonReader reader, ref int totalPages, ref long totalElements)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var pages = reader.ValueTextEquals("totalPages"u8);
            var elements = reader.ValueTextEquals("totalElements"u8);
            reader.Read();
            if ((pages || elements) && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number))
            {
                if (pages)
                {
                    totalPages = (int)Math.Clamp(number, 0, int.MaxValue);
                }
                else
                {
                    totalElements = Math.Max(0, number);
                }
            }

            reader.Skip();
        }
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string where)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw new ApiException(ApiFailure.Answer, "The answer is not a JSON object.", where);
        }
    }

    private static string Quote(string? text) => string.IsNullOrWhiteSpace(text) ? string.Empty : $": {text.ReplaceLineEndings(" ")}";

    /// <param name="body">What the threats are slices of.</param>
    /// <param name="isStrict">Whether the readers handed in are strict; if not, each threat is read once more by one that is.</param>
    private sealed class ThreatCollector(ReadOnlyMemory<byte> body, bool isStrict)
    {
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
                var reader = new Utf8JsonReader(body.Span[start..end], Strict);
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
}
