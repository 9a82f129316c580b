using System.Security.Cryptography;
using System.Text;
using PhishMe.Simulator.Catalog;

namespace PhishMe.Simulator.Rendering;

/// <summary>Ids of the parts of a package, made from the threat and the part's content, so that the same threat always has the same ids.</summary>
internal sealed class StixIds(ThreatKey key)
{
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);

    public string Of(string kind, string content = "")
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{key}\n{kind}\n{content}"), hash);

        // Version 8: a UUID of one's own making.
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true).ToString("D");
    }

    /// <summary>False when the part was in the package before: an id may occur once only.</summary>
    public bool IsNew(string kind, string content) => _given.Add($"{kind}\n{content}");
}
