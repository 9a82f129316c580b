using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>
/// ThreatConnect's signature: HMAC-SHA256 with the secret over path and query exactly as sent, the method and the time in seconds, which the product accepts
/// within five minutes of its own.
/// </summary>
internal sealed class SignatureAuthentication(string accessId, string secret, TimeProvider clock) : IHttpAuthentication
{
    public IReadOnlyCollection<string> Secrets { get; } = [secret];

    public ValueTask SignAsync(HttpTarget target, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Sign(secret, request.RequestUri!.PathAndQuery, request.Method.Method, timestamp);
        request.Headers.Remove("Timestamp");
        request.Headers.TryAddWithoutValidation("Timestamp", timestamp);
        request.Headers.TryAddWithoutValidation("Authorization", $"TC {accessId}:{signature}");
        return ValueTask.CompletedTask;
    }

    /// <summary>The signature in Base64.</summary>
    /// <param name="secret">The secret key.</param>
    /// <param name="pathAndQuery">As it stands in the request line.</param>
    /// <param name="method">In capitals.</param>
    /// <param name="timestamp">Seconds since 1970.</param>
    public static string Sign(string secret, string pathAndQuery, string method, string timestamp) => Convert.ToBase64String(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{pathAndQuery}:{method}:{timestamp}")));
}
