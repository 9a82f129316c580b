using System.Text;
using Microsoft.AspNetCore.Http;
using PhishMe.Engine.Serving.Readers;

namespace PhishMe.Server.Listening;

/// <summary>Who sent a request that was let in. Where no credentials are needed, the name is what the client says.</summary>
internal static class RequestReader
{
    /// <summary>The reader.</summary>
    /// <param name="request">The request.</param>
    /// <param name="section">The section of the server.</param>
    /// <param name="collection">What is read.</param>
    public static ReaderKey Of(HttpRequest request, string section, string collection)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new ReaderKey(section, UserOf(request.Headers.Authorization.ToString()), request.Headers.UserAgent.ToString(), collection);
    }

    private static string UserOf(string header)
    {
        if (!header.StartsWith(BasicCredentials.Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return string.Empty;
        }

        var given = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[BasicCredentials.Scheme.Length..].Trim(), given, out var length))
        {
            return string.Empty;
        }

        // Without a colon it may all be a password.
        var colon = given.AsSpan(0, length).IndexOf((byte)':');
        return colon < 0 ? string.Empty : Encoding.UTF8.GetString(given, 0, colon);
    }
}
