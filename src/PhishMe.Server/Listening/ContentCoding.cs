using Microsoft.AspNetCore.Http;

namespace PhishMe.Server.Listening;

/// <summary>What a client can unpack (RFC 9110, 12.5.3).</summary>
internal static class ContentCoding
{
    /// <summary>The name of gzip.</summary>
    public const string Gzip = "gzip";

    /// <summary>Whether an answer may be compressed with gzip. Without a word about it, it may not.</summary>
    public static bool AcceptsGzip(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.GetTypedHeaders().AcceptEncoding.Any(encoding => encoding.Value.Equals(Gzip, StringComparison.OrdinalIgnoreCase) && encoding.Quality is not 0);
    }
}
