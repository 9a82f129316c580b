using System.Globalization;
using System.Text.Json;

namespace PhishMe.Engine.Threats;

/// <summary>How deep JSON may be nested.</summary>
internal static class JsonDepth
{
    /// <summary>Levels of a threat that every reader and writer of ours takes; that of System.Text.Json's writer.</summary>
    public const int MostOfThreat = 1000;

    /// <summary>Why a threat cannot be read.</summary>
    public static string ReasonAgainst(ReadOnlySpan<byte> threat)
    {
        try
        {
            var reader = new Utf8JsonReader(threat, new JsonReaderOptions { MaxDepth = int.MaxValue });
            var deepest = 0;
            while (reader.Read())
            {
                deepest = Math.Max(deepest, reader.CurrentDepth);
            }

            if (deepest >= MostOfThreat)
            {
                return string.Create(CultureInfo.InvariantCulture, $"The threat is nested {deepest} levels deep; at most {MostOfThreat} are read.");
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The reason below.
        }

        return "The threat is not valid JSON in UTF-8.";
    }
}
