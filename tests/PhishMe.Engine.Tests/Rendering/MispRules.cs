using System.Net;
using System.Text.RegularExpressions;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>What MISP accepts as the value of an attribute, written from the published rules of its AttributeValidationTool and not from the renderer.</summary>
internal static partial class MispRules
{
    public static bool Accepts(string type, string value) => type switch
    {
        "md5" => Hex(value, 32),
        "sha1" => Hex(value, 40),
        "sha224" => Hex(value, 56),
        "sha256" => Hex(value, 64),
        "sha384" => Hex(value, 96),
        "sha512" => Hex(value, 128),
        "ssdeep" => Ssdeep().IsMatch(value),
        "ip-src" or "ip-dst" => Address(value),
        "domain" => Domain().IsMatch(value),
        "email-src" or "email-dst" => Email().IsMatch(value),
        "link" => Link().IsMatch(value) && Uri.TryCreate(value, UriKind.Absolute, out _),
        "url" or "email-subject" => !value.Contains('\n', StringComparison.Ordinal),
        "text" => true,
        _ => false,
    };

    private static bool Hex(string value, int length) => value.Length == length && value.All(char.IsAsciiHexDigit);

    private static bool Address(string value)
    {
        var parts = value.Split('/');
        return IPAddress.TryParse(parts[0], out var address)
            && (parts.Length == 1
                || (parts.Length == 2 && int.TryParse(parts[1], out var prefix) && prefix >= 0 && prefix <= address.GetAddressBytes().Length * 8));
    }

    [GeneratedRegex(@"^[0-9]+:[0-9a-zA-Z/+]*:[0-9a-zA-Z/+]*\z")]
    private static partial Regex Ssdeep();

    [GeneratedRegex(@"^[A-Z0-9.\-_]+\.[A-Z0-9\-]{2,}\z", RegexOptions.IgnoreCase)]
    private static partial Regex Domain();

    [GeneratedRegex(@"^.[^\s]*@.*\..*\z")]
    private static partial Regex Email();

    [GeneratedRegex(@"^(https?|ftp)://[!-~]+\z")]
    private static partial Regex Link();
}
