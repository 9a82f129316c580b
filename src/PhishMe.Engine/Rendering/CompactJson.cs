using System.Buffers;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// Takes the insignificant white space out of JSON and touches nothing else: order, escapes and the spelling of numbers stay as received.
/// The input must be well-formed (it was parsed before); of other input some white space is lost and nothing worse happens.
/// </summary>
internal static class CompactJson
{
    private static readonly SearchValues<byte> _outside = SearchValues.Create("\" \t\r\n"u8);
    private static readonly SearchValues<byte> _inside = SearchValues.Create("\"\\"u8);

    /// <summary>The compact form.</summary>
    /// <param name="json">The bytes received.</param>
    /// <returns>The very same memory when there is nothing to take out.</returns>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> json)
    {
        var blank = IndexOfBlank(json.Span);
        if (blank < 0)
        {
            return json;
        }

        var output = new ArrayBufferWriter<byte>(json.Length);
        output.Write(json.Span[..blank]);
        Write(json.Span[blank..], output);
        return output.WrittenMemory;
    }

    /// <summary>Writes the compact form.</summary>
    /// <param name="json">The bytes received; may start anywhere outside a string.</param>
    /// <param name="output">Takes the bytes.</param>
    public static void Write(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);

        // One span for all of it: the result is never longer than the input.
        var target = output.GetSpan(json.Length);
        var written = 0;
        while (!json.IsEmpty)
        {
            var run = RunLength(json);
            json[..run].CopyTo(target[written..]);
            written += run;
            json = json[run..];
            var blanks = json.IndexOfAnyExcept(" \t\r\n"u8);
            json = blanks < 0 ? default : json[blanks..];
        }

        output.Advance(written);
    }

    private static int IndexOfBlank(ReadOnlySpan<byte> json)
    {
        var run = RunLength(json);
        return run == json.Length ? -1 : run;
    }

    // Bytes up to the next white space outside a string.
    private static int RunLength(ReadOnlySpan<byte> json)
    {
        var at = 0;
        while (at < json.Length)
        {
            var next = json[at..].IndexOfAny(_outside);
            if (next < 0)
            {
                return json.Length;
            }

            at += next;
            if (json[at] != (byte)'"')
            {
                return at;
            }

            at++;
            while (true)
            {
                var end = json[at..].IndexOfAny(_inside);
                if (end < 0)
                {
                    return json.Length;
                }

                at += end + 1;
                if (json[at - 1] == (byte)'"')
                {
                    break;
                }

                // Whatever follows a backslash is no end of the string.
                if (++at >= json.Length)
                {
                    return json.Length;
                }
            }
        }

        return json.Length;
    }
}
