using System.Text.Json;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>
/// The words of <c>blockType</c>. The vendor's schema has four; servers and mirrors write others, and what an indicator is must not depend on which. A word
/// that is not here stays unknown: guessing from the value alone would make a hash of a mutex name.
/// </summary>
internal static class BlockTypes
{
    private const int LongestWord = 40;

    /// <summary>The kind that a word stands for.</summary>
    /// <param name="blockType">The member as received.</param>
    /// <param name="value">The value: the length of a hash tells which it is.</param>
    /// <param name="unknown">The word when this version does not know it, shortened; otherwise null.</param>
    public static IndicatorKind KindOf(JsonElement blockType, string value, out string? unknown)
    {
        unknown = null;
        if (blockType.ValueKind != JsonValueKind.String)
        {
            unknown = "";
            return IndicatorKind.Unknown;
        }

        var word = blockType.Text()!.Trim();
        var kind = word.ToUpperInvariant() switch
        {
            "DOMAIN NAME" or "DOMAIN" or "HOSTNAME" or "HOST NAME" or "HOST" or "FQDN" => IndicatorKind.Domain,
            "IPV4 ADDRESS" or "IPV4" or "IP ADDRESS" or "IP" or "CIDR" => IndicatorKind.IPv4,
            "IPV6 ADDRESS" or "IPV6" => IndicatorKind.IPv6,
            "URL" or "URI" => IndicatorKind.Url,
            "EMAIL" or "EMAIL ADDRESS" or "E-MAIL" or "E-MAIL ADDRESS" => IndicatorKind.Email,
            "FILE HASH" or "FILEHASH" or "HASH" or "MD5" or "MD5 HASH" or "SHA1" or "SHA-1" or "SHA256" or "SHA-256" or "SHA384" or "SHA-384"
                or "SHA512" or "SHA-512" or "SHA224" or "SHA-224" or "SHA1 HASH" or "SHA256 HASH" => HashOf(value),
            "SSDEEP" or "FUZZY HASH" => IndicatorKind.Ssdeep,
            _ => null,
        };
        if (kind is IndicatorKind known)
        {
            return known;
        }

        unknown = word.Length > LongestWord ? word[..LongestWord] : word;
        return IndicatorKind.Unknown;
    }

    private static IndicatorKind? HashOf(string value) =>
        IndicatorNormalizer.TryDetect(value, out var kind, out _) && IndicatorKinds.Of(kind).IsHash ? kind : null;
}
