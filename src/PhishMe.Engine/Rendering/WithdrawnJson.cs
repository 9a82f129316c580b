using System.Buffers;
using System.Text.Json;
using PhishMe.Engine.Threats;

namespace PhishMe.Engine.Rendering;

/// <summary>The last known object of a threat that was taken back: everything as received, and <c>"deleted":true</c> at its end.</summary>
internal static class WithdrawnJson
{
    private static readonly JsonReaderOptions _tolerant = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = JsonDepth.MostOfThreat };

    /// <param name="text">One JSON object.</param>
    /// <param name="output">Takes the bytes.</param>
    public static void Write(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        output.Write("{"u8);
        var reader = new Utf8JsonReader(text, _tolerant);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var stale = reader.ValueTextEquals("deleted"u8);
            reader.Read();
            reader.Skip();
            if (!stale)
            {
                output.Write(text[start..(int)reader.BytesConsumed]);
                output.Write(","u8);
            }
        }

        output.Write("\"deleted\":true}"u8);
    }
}
