using System.Text.Json;
using PhishMe.Engine.Threats;

namespace PhishMe.Engine.Api;

/// <summary>Reads a <c>/threat/search</c> or detail answer in one pass: no document tree, no copies, each threat a slice of the body.</summary>
internal static class SearchPageReader
{
    /// <summary>For an answer that is not strict JSON: only threats that are not JSON are lost, not their neighbours.</summary>
    private static readonly JsonReaderOptions Tolerant = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = int.MaxValue,
    };

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
            // The latter: text that is not Unicode, a lone surrogate or broken UTF-8.
            body.Dispose();
            throw new ApiException(ApiFailure.Answer, "The answer is not JSON.", where, exception);
        }
        catch
        {
            body.Dispose();
            throw;
        }
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
}
