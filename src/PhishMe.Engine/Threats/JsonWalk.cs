using System.Text.Json;

namespace PhishMe.Engine.Threats;

/// <summary>
/// Steps through JSON and notes by the way whether white space stands between its tokens: who walks over every token anyway need not scan the bytes
/// once more for that. Only for strict readers, which pass over nothing but white space.
/// </summary>
internal struct JsonWalk
{
    private bool _hasBlanks;

    /// <summary>Whether nothing walked over so far had insignificant white space.</summary>
    public readonly bool IsCompact => !_hasBlanks;

    /// <summary>One token further.</summary>
    /// <exception cref="JsonException">It is no strict JSON.</exception>
    public bool Read(ref Utf8JsonReader reader)
    {
        var before = reader.TokenType;
        var end = reader.BytesConsumed;
        if (!reader.Read())
        {
            return false;
        }

        var token = reader.TokenType;
        var isFirst = before is JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.PropertyName;
        var comma = isFirst || token is JsonTokenType.EndObject or JsonTokenType.EndArray ? 0 : 1;
        _hasBlanks |= reader.TokenStartIndex != end + comma;

        // A name is consumed with its colon and what stands before that; its quotes are no part of the value.
        const int QuotesAndColon = 3;
        _hasBlanks |= token == JsonTokenType.PropertyName && reader.BytesConsumed - reader.TokenStartIndex != reader.ValueSpan.Length + QuotesAndColon;
        return true;
    }

    /// <summary>To the last token of the value that the reader stands on, or on whose name it stands.</summary>
    /// <exception cref="JsonException">It is no strict JSON.</exception>
    public void Skip(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            Read(ref reader);
        }

        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            var depth = reader.CurrentDepth;
            while (Read(ref reader) && depth < reader.CurrentDepth)
            {
                // Nothing of interest in there.
            }
        }
    }
}
