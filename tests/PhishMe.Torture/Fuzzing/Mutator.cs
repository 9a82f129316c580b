using System.Text;

namespace PhishMe.Torture.Fuzzing;

/// <summary>Spoils bytes in the ways that find bugs: bits, cuts, repeats, swaps with other samples, and the tokens parsers stumble over.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> samples)
{
    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "{", "}", "[", "]", "\"", "\\", "\\u0000", "\\ud800", "null", "true", "1e400", "-1", "99999999999999999999", "0.1", ",", ":", "=", "\n", "\r", "\r\n", "\t",
            "\u2028", "\u0085", "\uFEFF", "&", "<", ">", "]]>", "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>", "<!ENTITY e SYSTEM \"file:///etc/passwd\">",
            "&b;", "CEF:0|", "|", "externalId=", "deviceCustomDate1=", "../../../../etc/passwd", "m_1", "[pm_api]", "[DEFAULT]", "position =", "%(x)s", ";", "#",
            "\"id\":", "\"threatType\":\"MALWARE\"", "\"firstPublished\":", "\"data\":{", "\"threats\":[", "\"changelog\":[", "\"nextPosition\":\"", "<?xml version=\"1.0\" encoding=\"UTF-7\"?>",
        }.Select(Encoding.UTF8.GetBytes),
        [0], [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xFE, 0xFF],
    ];

    /// <summary>A new input out of one of the samples.</summary>
    public byte[] Next()
    {
        var bytes = new List<byte>(samples[random.Next(samples.Count)]);
        for (var change = random.Next(1, 6); change > 0; change--)
        {
            var at = random.Next(bytes.Count + 1);
            var length = Math.Min(bytes.Count - at, 1 << random.Next(0, 10));
            switch (random.Next(9))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 5:
                    var other = samples[random.Next(samples.Count)];
                    var from = random.Next(other.Length + 1);
                    bytes.InsertRange(at, other[from..Math.Min(other.Length, from + length)]);
                    break;
                case 6:
                    var token = Tokens[random.Next(Tokens.Length)];
                    bytes.InsertRange(at, Enumerable.Repeat(token, random.Next(40) == 0 ? 300 : 1).SelectMany(part => part));
                    break;
                default:
                    bytes.InsertRange(at, Tokens[random.Next(Tokens.Length)]);
                    break;
            }
        }

        return [.. bytes];
    }
}
