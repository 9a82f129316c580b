using System.Buffers;
using System.Globalization;
using System.Text;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Indicators;

/// <summary>
/// URLs in normal form: scheme and host as browsers read them, default port and lone <c>?</c> dropped, an empty path as <c>/</c>; user, path, query and
/// fragment as written but for what no browser sends: tabs and line breaks are dropped, other control characters encoded, and a backslash in the path
/// of a web address is a slash (URL standard, basic URL parser).
/// </summary>
internal static class UrlText
{
    private const int Maximum = 8192;
    private const int LongestScheme = 20;

    private static readonly SearchValues<char> _authorityEnd = SearchValues.Create("/?#\\");
    private static readonly SearchValues<char> _noHost = SearchValues.Create(" <>\"[]:@%^|`{}");
    private static readonly SearchValues<char> _scheme = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    private static readonly SearchValues<char> _controls = SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(char.IsControl)]);
    private static readonly SearchValues<char> _notUniform = SearchValues.Create(
        [.. Enumerable.Range(0, 128).Select(c => (char)c).Where(c => c <= ' ' || c == 0x7F || "%\"<>`{}|^\\".Contains(c, StringComparison.Ordinal))]);

    /// <summary>Normalises a URL, also one without a scheme.</summary>
    /// <returns>The normal form; null when it is no URL.</returns>
    public static string? Normalize(string written)
    {
        var text = WithoutControls(written);
        if (text.Length > Maximum || !TrySplit(text, out var scheme, out var authority, out var rest))
        {
            return null;
        }

        var at = authority.LastIndexOf('@');
        var user = authority[..(at + 1)];
        if (!TrySplitPort(authority[(at + 1)..], out var host, out var port))
        {
            return null;
        }

        if (HostText.Normalize(host, out var kind) is not { } name)
        {
            // Hosts of one label exist in intranets; as part of a URL they do no harm.
            name = HostText.Decode(host).ToLowerInvariant();
            if (kind != IndicatorKind.Domain || name.AsSpan().ContainsAny(_noHost) || name.AsSpan().ContainsAny(_authorityEnd) || !Ascii.IsValid(name)
                || name.AsSpan().ContainsAny(_controls))
            {
                return null;
            }
        }

        if (IsWeb(scheme))
        {
            rest = WithSlashes(rest);
        }

        if (rest is "?" or "/?")
        {
            rest = "/";
        }

        var result = new StringBuilder(text.Length + 8);
        result.Append(scheme).Append("://").Append(user);
        if (kind == IndicatorKind.IPv6)
        {
            result.Append('[').Append(name).Append(']');
        }
        else
        {
            result.Append(name);
        }

        if (port >= 0 && !IsDefault(scheme, port))
        {
            result.Append(CultureInfo.InvariantCulture, $":{port}");
        }

        if (rest.IsEmpty || rest[0] is not ('/' or '\\'))
        {
            result.Append('/');
        }

        AppendRest(result, rest);
        var normal = result.ToString();
        return normal == written ? written : normal;
    }

    /// <summary>Host of a URL, also of one without a scheme.</summary>
    /// <param name="written">The URL, refanged.</param>
    /// <param name="kind">Domain, IPv4 or IPv6.</param>
    /// <returns>The host in normal form; null when there is none.</returns>
    public static string? HostOf(string written, out IndicatorKind kind)
    {
        kind = IndicatorKind.Unknown;
        return TrySplit(WithoutControls(written), out _, out var authority, out _)
            && TrySplitPort(authority[(authority.LastIndexOf('@') + 1)..], out var host, out _)
                ? HostText.Normalize(host, out kind)
                : null;
    }

    /// <summary>
    /// The form in which two URLs are compared: one spelling of percent-encoding and no dot segments. It is not what a browser sends, so it is
    /// never written anywhere but into keys.
    /// </summary>
    /// <param name="normal">A URL in normal form.</param>
    /// <returns>The form; the same string for nearly all URLs.</returns>
    public static string ForComparison(string normal)
    {
        var start = normal.IndexOf("://", StringComparison.Ordinal);
        var path = start < 0 ? -1 : normal.AsSpan(start + 3).IndexOfAny('/', '?', '#');
        if (path < 0)
        {
            return normal;
        }

        path += start + 3;
        var rest = normal.AsSpan(path);
        if (!rest.ContainsAny(_notUniform) && !rest.ContainsAnyExceptInRange('\0', '\x7F') && rest.IndexOf("/.", StringComparison.Ordinal) < 0)
        {
            return normal;
        }

        var uniform = PercentText.Unify(rest).AsSpan();
        var end = uniform.IndexOfAny('?', '#');
        end = end < 0 ? uniform.Length : end;
        return string.Concat(normal.AsSpan(0, path), WithoutDotSegments(uniform[..end]), uniform[end..]);
    }

    private static bool TrySplit(string text, out string scheme, out ReadOnlySpan<char> authority, out ReadOnlySpan<char> rest)
    {
        scheme = "http";
        var from = text.AsSpan();
        var mark = text.IndexOf(':', StringComparison.Ordinal);
        if (mark >= 0 && from[(mark + 1)..].StartsWith("//", StringComparison.Ordinal))
        {
            if (!IsScheme(from[..mark]))
            {
                authority = rest = default;
                return false;
            }

            scheme = text[..mark].ToLowerInvariant();
            from = from[(mark + 3)..];
        }
        else if (mark > 0 && mark + 1 < text.Length && text[mark + 1] is '/' or '\\' && text[..mark].ToLowerInvariant() is var web && IsWeb(web))
        {
            // 'http:/host' and 'http:\\host' are 'http://host' to a browser.
            scheme = web;
            from = from[(mark + 1)..].TrimStart("/\\");
        }
        else if (mark >= 0 && text.IndexOf("://", StringComparison.Ordinal) is var later and >= 0 && text.AsSpan(0, later).IndexOfAny(_authorityEnd) < 0)
        {
            // 'a:b://c': whatever it is, its host is not 'a'.
            authority = rest = default;
            return false;
        }

        if (IsWeb(scheme))
        {
            // Any number of slashes, of either kind.
            from = from.TrimStart("/\\");
        }

        var end = from.IndexOfAny(_authorityEnd);
        end = end < 0 ? from.Length : end;
        authority = from[..end];
        rest = from[end..];
        return true;
    }

    private static bool TrySplitPort(ReadOnlySpan<char> hostAndPort, out ReadOnlySpan<char> host, out int port)
    {
        host = hostAndPort;
        port = -1;
        var colon = hostAndPort.LastIndexOf(':');
        if (colon >= 0 && hostAndPort.LastIndexOf(']') < colon)
        {
            host = hostAndPort[..colon];
            var written = hostAndPort[(colon + 1)..];
            if (!written.IsEmpty)
            {
                if (!ushort.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    return false;
                }

                port = number;
            }
        }

        return !host.IsEmpty;
    }

    private static bool IsScheme(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= LongestScheme && char.IsAsciiLetter(text[0]) && !text.ContainsAnyExcept(_scheme);

    /// <summary>The schemes in which a backslash is a slash and the host is a host ("special" in the URL standard, but for files).</summary>
    private static bool IsWeb(string scheme) => scheme is "http" or "https" or "ftp" or "ws" or "wss";

    private static bool IsDefault(string scheme, int port) => (scheme, port) is ("http" or "ws", 80) or ("https" or "wss", 443) or ("ftp", 21);

    /// <summary>Drops what browsers drop wherever it stands: tabs and line breaks, and white space around the URL.</summary>
    public static string WithoutControls(string text)
    {
        var trimmed = text.AsSpan().Trim();
        if (trimmed.IndexOfAny('\t', '\r', '\n') < 0)
        {
            return trimmed.Length == text.Length ? text : trimmed.ToString();
        }

        return trimmed.ToString().Replace("\t", string.Empty, StringComparison.Ordinal)
            .Replace("\r", string.Empty, StringComparison.Ordinal).Replace("\n", string.Empty, StringComparison.Ordinal);
    }

    /// <summary>The path with slashes for backslashes; query and fragment as written.</summary>
    private static ReadOnlySpan<char> WithSlashes(ReadOnlySpan<char> rest)
    {
        if (!rest.Contains('\\'))
        {
            return rest;
        }

        var query = rest.IndexOfAny('?', '#');
        query = query < 0 ? rest.Length : query;
        return string.Concat(rest[..query].ToString().Replace('\\', '/'), rest[query..]);
    }

    private static void AppendRest(StringBuilder result, ReadOnlySpan<char> rest)
    {
        while (rest.IndexOfAny(_controls) is var at and >= 0)
        {
            result.Append(rest[..at]).Append(PercentText.Unify(rest.Slice(at, 1)));
            rest = rest[(at + 1)..];
        }

        result.Append(rest);
    }

    // RFC 3986, 5.2.4.
    private static string WithoutDotSegments(ReadOnlySpan<char> path)
    {
        if (path.IndexOf("/.", StringComparison.Ordinal) < 0)
        {
            return path.ToString();
        }

        var segments = new List<string>();
        var last = string.Empty;
        foreach (var range in path[1..].Split('/'))
        {
            last = path[1..][range].ToString();
            if (last == "..")
            {
                segments.RemoveRange(Math.Max(0, segments.Count - 1), Math.Min(1, segments.Count));
            }
            else if (last != ".")
            {
                segments.Add(last);
            }
        }

        return "/" + string.Join('/', segments) + (last is "." or ".." && segments.Count > 0 ? "/" : string.Empty);
    }
}
