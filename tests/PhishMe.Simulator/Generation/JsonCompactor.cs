using System.Text.Json;

namespace PhishMe.Simulator.Generation;

/// <summary>Takes the white space out of a document and leaves all else as it stands: spelling of numbers, escapes, order of keys.</summary>
internal static class JsonCompactor
{
    public static byte[] Compact(ReadOnlySpan<byte> json)
    {
        if (json.StartsWith("\uFEFF"u8))
        {
            json = json[3..];
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DocumentEditor.Deep.MaxDepth });
        while (reader.Read())
        {
            // Only to refuse what is not JSON, before it is taken apart byte by byte.
        }

        var compact = new byte[json.Length];
        var length = 0;
        var inString = false;
        for (var i = 0; i < json.Length; i++)
        {
            var b = json[i];
            if (inString)
            {
                compact[length++] = b;
                if (b == '\\')
                {
                    compact[length++] = json[++i];
                }
                else if (b == '"')
                {
                    inString = false;
                }
            }
            else if (b is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                compact[length++] = b;
                inString = b == '"';
            }
        }

        return compact[..length];
    }
}
