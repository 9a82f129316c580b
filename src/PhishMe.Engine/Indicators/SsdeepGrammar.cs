using System.Buffers;

namespace PhishMe.Engine.Indicators;

/// <summary>
/// What receivers take for an ssdeep hash: blocksize and two hashes made of the characters of base64. Libraries refuse a whole bundle for anything else.
/// Look-ups are more generous.
/// </summary>
internal static class SsdeepGrammar
{
    // The limit of STIX libraries; the tool prints 10 + 1 + 64 + 1 + 32 at most.
    private const int Longest = 128;

    private static readonly SearchValues<char> _base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    /// <summary>Whether a hash keeps to it.</summary>
    public static bool IsStrict(string hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        var rest = hash.AsSpan();
        return hash.Length <= Longest
            && rest.Count(':') == 2
            && rest.IndexOf(':') is > 0 and var size && !rest[..size].ContainsAnyExceptInRange('0', '9')
            && !rest[(rest.IndexOf(':') + 1)..rest.LastIndexOf(':')].ContainsAnyExcept(_base64)
            && !rest[(rest.LastIndexOf(':') + 1)..].ContainsAnyExcept(_base64);
    }
}
