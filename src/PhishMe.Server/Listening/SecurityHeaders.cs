using Microsoft.AspNetCore.Http;

namespace PhishMe.Server.Listening;

/// <summary>The headers of every answer. An endpoint may replace the policy by one that names what its page needs.</summary>
internal static class SecurityHeaders
{
    /// <summary>Sets them.</summary>
    public static void Set(IHeaderDictionary headers, bool isEncrypted)
    {
        ArgumentNullException.ThrowIfNull(headers);
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        if (isEncrypted)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }
    }
}
