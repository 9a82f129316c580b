using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// What MISP accepts as the value of an attribute (the rules of its AttributeValidationTool). A value that it refuses costs the attribute, and with older
/// versions the event: it is brought into form or left out.
/// </summary>
internal static class MispAttributeRule
{
    private static readonly SearchValues<char> _domain = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");
    private static readonly SearchValues<char> _lastLabel = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
    private static readonly SearchValues<char> _webHost = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-[]:");

    /// <summary>The value as MISP takes it; null when it takes none.</summary>
    /// <param name="kind">What the value is.</param>
    /// <param name="value">The value as it is handed to other products.</param>
    public static string? Fit(IndicatorKind kind, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return IndicatorKinds.Of(kind).Shape switch
        {
            IndicatorShape.Address => IsAddress(value) ? value : null,
            IndicatorShape.Name => Domain(value.StartsWith("*.", StringComparison.Ordinal) ? value[2..] : value),
            IndicatorShape.Url => value.Any(c => ControlCharacters.Is(c) || c is '\r' or '\n') ? null : value,
            IndicatorShape.Mailbox => IsEmail(value) ? value : null,
            IndicatorShape.Hash => IndicatorNormalizer.Normalize(kind, value),
            IndicatorShape.FuzzyHash => SsdeepGrammar.IsStrict(value) ? value : null,
            IndicatorShape.Text => OneLine(value),
            IndicatorShape.Unknown => null,
        };
    }

    /// <summary>A link to a page about the threat; null when it is no URL as MISP, that is PHP, reads them: ASCII, with scheme and host.</summary>
    public static string? Link(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https" or "ftp"
        && uri.AbsoluteUri is { } text
        && IndicatorNormalizer.HostOf(text, out _) is { Length: > 0 } host
        && !host.AsSpan().ContainsAnyExcept(_webHost)
        && !text.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? text
            : null;

    /// <summary>Text for a field of one line: a run of white space that holds a line break becomes a blank.</summary>
    public static string? OneLine(string? text) =>
        string.IsNullOrWhiteSpace(text)
            ? null
            : text.AsSpan().IndexOfAny('\r', '\n', '\t') < 0 && !text.Any(ControlCharacters.Is)
                ? text
                : string.Join(' ', ControlCharacters.Replace(text, keepsLines: false).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries));

    private static bool IsAddress(string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? IPAddress.TryParse(value, out _)
            : IPAddress.TryParse(value.AsSpan(0, slash), out var address)
                && int.TryParse(value.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
                && prefix <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
    }

    private static string? Domain(string value)
    {
        var dot = value.LastIndexOf('.');
        return dot > 0 && value.Length - dot > 2 && !value.AsSpan().ContainsAnyExcept(_domain) && !value.AsSpan(dot + 1).ContainsAnyExcept(_lastLabel)
            ? value
            : null;
    }

    private static bool IsEmail(string value)
    {
        var at = value.LastIndexOf('@');
        return at > 0 && value.IndexOf('.', at) > 0 && !value.Any(char.IsWhiteSpace);
    }
}
