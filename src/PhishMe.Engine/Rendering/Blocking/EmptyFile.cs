using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering.Blocking;

/// <summary>The hashes of the file without content. Sandboxes and broken downloads report them; each matches every empty file on earth.</summary>
internal static class EmptyFile
{
    /// <summary>Whether a hash in normal form is that of the empty file.</summary>
    public static bool IsHash(IndicatorKind kind, string value) => kind switch
    {
        IndicatorKind.Md5 => value == "d41d8cd98f00b204e9800998ecf8427e",
        IndicatorKind.Sha1 => value == "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        IndicatorKind.Sha224 => value == "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
        IndicatorKind.Sha256 => value == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        IndicatorKind.Sha384 =>
            value == "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
        IndicatorKind.Sha512 => value
            == "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        IndicatorKind.Ssdeep => value.StartsWith("3::", StringComparison.Ordinal),
        IndicatorKind.Unknown or IndicatorKind.IPv4 or IndicatorKind.IPv6 or IndicatorKind.Domain or IndicatorKind.Url or IndicatorKind.Email
            or IndicatorKind.Subject => false,
    };
}
