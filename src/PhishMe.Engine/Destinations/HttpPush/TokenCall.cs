using System.Globalization;
using System.Text.Json;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>The request for a token, and its answer (RFC 6749, sections 5.1 and 5.2).</summary>
internal static class TokenCall
{
    /// <summary>Makes the call.</summary>
    /// <exception cref="TargetStoppedException">The service refuses, or what answers is not the service.</exception>
    public static async Task<AccessToken> AskAsync(HttpTarget service, HttpCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(service);
        var answer = await service.CallAsync(call, cancellationToken).ConfigureAwait(false);
        if ((int)answer.Status is >= 400 and < 500)
        {
            // RFC 6749 section 5.2 answers wrong credentials with 400.
            throw service.CredentialsRefused(answer, call);
        }

        var json = answer.Json();
        if (!answer.IsSuccess || json is not { ValueKind: JsonValueKind.Object } token
            || !token.TryGetProperty("access_token", out var value) || value.GetString() is not { Length: > 0 } text)
        {
            throw service.NotTheProduct(answer, call);
        }

        return new AccessToken(text, token.TryGetProperty("expires_in", out var lifetime) && Seconds(lifetime) is double seconds ? TimeSpan.FromSeconds(seconds) : null);
    }

    private static double? Seconds(JsonElement lifetime) => lifetime.ValueKind switch
    {
        JsonValueKind.Number => lifetime.GetDouble(),
        JsonValueKind.String when double.TryParse(lifetime.GetString(), CultureInfo.InvariantCulture, out var seconds) => seconds,
        _ => null,
    };
}
