using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using PhishMe.Engine.Threats;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// JSON as the original integration writes it (reference/configuration.md §3): what Python's <c>json.dumps(indent=4, sort_keys=True)</c>
/// makes of it - keys sorted by code point, four blanks, <c>": "</c>, ASCII only with lower-case <c>\uXXXX</c>. Numbers are kept as
/// received. No line end after the last brace.
/// </summary>
internal static class LegacyJsonRenderer
{
    private static readonly JsonDocumentOptions _options = new() { MaxDepth = JsonDepth.MostOfThreat };
    private static readonly SearchValues<byte> _notPlain = SearchValues.Create(NotPlain());

    /// <summary>Writes the legacy form.</summary>
    /// <param name="json">Well-formed JSON.</param>
    /// <param name="output">Takes ASCII bytes.</param>
    /// <exception cref="JsonException">The bytes are not well-formed JSON.</exception>
    public static void Render(ReadOnlyMemory<byte> json, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var document = JsonDocument.Parse(json, _options);
        Write(document.RootElement, output, 0);
    }

    private static void Write(JsonElement element, IBufferWriter<byte> output, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(element, output, depth);
                break;
            case JsonValueKind.Array:
                WriteArray(element, output, depth);
                break;
            case JsonValueKind.String:
                WriteString(JsonMarshal.GetRawUtf8Value(element)[1..^1], output);
                break;
            default:
                output.Put(JsonMarshal.GetRawUtf8Value(element));
                break;
        }
    }

    private static void WriteObject(JsonElement element, IBufferWriter<byte> output, int depth)
    {
        var members = new List<(string Name, JsonProperty Property)>();
        Dictionary<string, int>? positions = null;
        foreach (var property in element.EnumerateObject())
        {
            members.Add((Decode(JsonMarshal.GetRawUtf8PropertyName(property)), property));
        }

        members.Sort(static (left, right) => CompareCodePoints(left.Name, right.Name));
        for (var i = 1; i < members.Count; i++)
        {
            if (members[i].Name == members[i - 1].Name)
            {
                positions = [];
                break;
            }
        }

        if (positions is not null)
        {
            // Of a name given twice Python keeps the last value. The sort does not keep the order of equals, so start again.
            members.Clear();
            foreach (var property in element.EnumerateObject())
            {
                var name = Decode(JsonMarshal.GetRawUtf8PropertyName(property));
                if (positions.TryGetValue(name, out var position))
                {
                    members[position] = (name, property);
                }
                else
                {
                    positions.Add(name, members.Count);
                    members.Add((name, property));
                }
            }

            members.Sort(static (left, right) => CompareCodePoints(left.Name, right.Name));
        }

        if (members.Count == 0)
        {
            output.Put("{}"u8);
            return;
        }

        var before = "{\n"u8;
        foreach ((var _, var property) in members)
        {
            output.Put(before);
            before = ",\n"u8;
            Indent(output, depth + 1);
            WriteString(JsonMarshal.GetRawUtf8PropertyName(property), output);
            output.Put(": "u8);
            Write(property.Value, output, depth + 1);
        }

        output.Put("\n"u8);
        Indent(output, depth);
        output.Put("}"u8);
    }

    private static void WriteArray(JsonElement element, IBufferWriter<byte> output, int depth)
    {
        if (element.GetArrayLength() == 0)
        {
            output.Put("[]"u8);
            return;
        }

        var before = "[\n"u8;
        foreach (var item in element.EnumerateArray())
        {
            output.Put(before);
            before = ",\n"u8;
            Indent(output, depth + 1);
            Write(item, output, depth + 1);
        }

        output.Put("\n"u8);
        Indent(output, depth);
        output.Put("]"u8);
    }

    private static void Indent(IBufferWriter<byte> output, int depth)
    {
        var span = output.GetSpan(depth * 4)[..(depth * 4)];
        span.Fill((byte)' ');
        output.Advance(span.Length);
    }

    private static void WriteString(ReadOnlySpan<byte> raw, IBufferWriter<byte> output)
    {
        output.Put("\""u8);
        if (!raw.ContainsAny(_notPlain))
        {
            output.Put(raw);
        }
        else
        {
            foreach (var c in Decode(raw))
            {
                switch (c)
                {
                    case '"': output.Put("\\\""u8); break;
                    case '\\': output.Put("\\\\"u8); break;
                    case '\n': output.Put("\\n"u8); break;
                    case '\r': output.Put("\\r"u8); break;
                    case '\t': output.Put("\\t"u8); break;
                    case '\f': output.Put("\\f"u8); break;
                    case '\b': output.Put("\\b"u8); break;
                    case >= ' ' and <= '~': output.Put((byte)c); break;
                    default: Escape(c, output); break;
                }
            }
        }

        output.Put("\""u8);
    }

    private static void Escape(char c, IBufferWriter<byte> output)
    {
        var digits = "0123456789abcdef"u8;
        output.Put([(byte)'\\', (byte)'u', digits[c >> 12], digits[(c >> 8) & 15], digits[(c >> 4) & 15], digits[c & 15]]);
    }

    // Not JsonElement.GetString: it refuses half surrogate pairs, which Python reads and writes unharmed.
    private static string Decode(ReadOnlySpan<byte> raw)
    {
        var text = Encoding.UTF8.GetString(raw);
        var at = text.IndexOf('\\', StringComparison.Ordinal);
        if (at < 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length).Append(text, 0, at);
        for (var i = at; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\')
            {
                c = text[++i];
                if (c == 'u')
                {
                    c = (char)ushort.Parse(text.AsSpan(i + 1, 4), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
                    i += 4;
                }
                else
                {
                    c = c switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => c };
                }
            }

            result.Append(c);
        }

        return result.ToString();
    }

    // UTF-16 order puts surrogates before U+E000; code point order puts them last.
    private static int CompareCodePoints(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        var at = left.AsSpan(0, length).CommonPrefixLength(right.AsSpan(0, length));
        if (at == length)
        {
            return left.Length.CompareTo(right.Length);
        }

        char l = left[at], r = right[at];
        bool leftPair = IsPartOfPair(left, at), rightPair = IsPartOfPair(right, at);
        return leftPair == rightPair ? l.CompareTo(r) : leftPair ? 1 : -1;

        static bool IsPartOfPair(string text, int at) =>
            (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
            || (char.IsLowSurrogate(text[at]) && at > 0 && char.IsHighSurrogate(text[at - 1]));
    }

    private static byte[] NotPlain()
    {
        var bytes = new List<byte> { (byte)'\\', 0x7F };
        for (var i = 0; i < 256; i++)
        {
            if (i is < 0x20 or > 0x7F)
            {
                bytes.Add((byte)i);
            }
        }

        return [.. bytes];
    }
}
