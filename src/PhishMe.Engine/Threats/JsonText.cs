using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>Reads values out of JSON that may not have the type the documentation promises; a value that cannot be used is null, never an exception.</summary>
internal static class JsonText
{
    /// <summary>A member of an object; an undefined element when there is none or <paramref name="element"/> is no object.</summary>
    public static JsonElement Get(this JsonElement element, ReadOnlySpan<byte> name)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return default;
        }

        try
        {
            return element.TryGetProperty(name, out var value) ? value : default;
        }
        catch (InvalidOperationException)
        {
            // Some other name in this object is no valid text. Look again, more slowly, past such names.
            return GetBySight(element, name);
        }
    }

    /// <summary>The elements of an array; none for anything else (reference/threat.md §3: missing is empty).</summary>
    public static JsonElement.ArrayEnumerator Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : default;

    /// <summary>Number of elements of an array, else 0.</summary>
    public static int Count(this JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.GetArrayLength() : 0;

    /// <summary>A string as it is, a number or a boolean as written; null for null, absent, objects and arrays.</summary>
    public static string? Text(this JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                try
                {
                    return element.GetString();
                }
                catch (InvalidOperationException)
                {
                    // Half of a surrogate pair, or bytes that are no UTF-8.
                    return Lenient(JsonMarshal.GetRawUtf8Value(element));
                }

            case JsonValueKind.Number:
            case JsonValueKind.True:
            case JsonValueKind.False:
                return element.GetRawText();
            default:
                return null;
        }
    }

    /// <summary>Like <see cref="Text(JsonElement)"/>; also null when there is nothing but white space.</summary>
    public static string? Words(this JsonElement element) => element.Text() is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    /// <summary>Like <see cref="Words(JsonElement)"/>, but gives back the string of the last call when it is the same: the same few names fill a threat.</summary>
    public static string? Words(this JsonElement element, ref string? last)
    {
        try
        {
            if (last is not null && element.ValueKind == JsonValueKind.String && element.ValueEquals(last))
            {
                return last;
            }
        }
        catch (InvalidOperationException)
        {
            // Not comparable, hence not equal.
        }

        var text = element.Words();
        last = text ?? last;
        return text;
    }

    /// <summary>A whole number, also when written as a string or with a fraction.</summary>
    public static long? Whole(this JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var whole))
        {
            return whole;
        }

        return element.Number() is { } number && number is > -9.2e18 and < 9.2e18 ? (long)number : null;
    }

    /// <summary>A number, also when written as a string.</summary>
    public static double? Number(this JsonElement element)
    {
        double number;
        switch (element.ValueKind)
        {
            case JsonValueKind.Number when element.TryGetDouble(out number):
            case JsonValueKind.String when double.TryParse(element.Text(), NumberStyles.Float, CultureInfo.InvariantCulture, out number):
                return double.IsFinite(number) ? number : null;
            default:
                return null;
        }
    }

    /// <summary>A boolean, also when written as text (<c>true</c>, <c>YES</c>) or number.</summary>
    public static bool Flag(this JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.String => element.Text() is { } text
            && (text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("yes", StringComparison.OrdinalIgnoreCase) || text == "1"),
        JsonValueKind.Number => element.Number() is not (null or 0),
        _ => false,
    };

    /// <summary>A time in epoch milliseconds.</summary>
    public static DateTimeOffset? Time(this JsonElement element) =>
        element.Whole() is { } ms && ms != 0 && ms >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && ms <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : null;

    /// <summary>
    /// An impact word (reference/threat.md §4); <c>Medium</c>, as newer answers write, is Moderate, <c>High</c> and <c>Low</c> follow suit.
    /// </summary>
    public static Impact? Impact(this JsonElement element) => element.Text()?.Trim().ToUpperInvariant() switch
    {
        "MAJOR" or "HIGH" => Intelligence.Impact.Major,
        "MODERATE" or "MEDIUM" => Intelligence.Impact.Moderate,
        "MINOR" or "LOW" => Intelligence.Impact.Minor,
        "NONE" => Intelligence.Impact.None,
        _ => null,
    };

    private static JsonElement GetBySight(JsonElement element, ReadOnlySpan<byte> name)
    {
        JsonElement found = default;
        foreach (var property in element.EnumerateObject())
        {
            try
            {
                if (property.NameEquals(name))
                {
                    found = property.Value;
                }
            }
            catch (InvalidOperationException)
            {
                // Not a name of ours.
            }
        }

        return found;
    }

    // The literal is known to be well-formed JSON: only its characters are in doubt.
    private static string Lenient(ReadOnlySpan<byte> literal)
    {
        var raw = Encoding.UTF8.GetString(literal[1..^1]);
        var text = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            var c = raw[i];
            if (c == '\\')
            {
                c = raw[++i] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', char other => other };
                if (c == 'u')
                {
                    c = (char)ushort.Parse(raw.AsSpan(i + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                    i += 4;
                }
            }

            text.Append(c);
        }

        // A half pair becomes U+FFFD, so that every later encoder agrees.
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                text[i] = '\uFFFD';
            }
        }

        return text.ToString();
    }
}
