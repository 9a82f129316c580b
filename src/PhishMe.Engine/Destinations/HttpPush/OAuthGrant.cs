using System.Buffers;
using System.Text;
using System.Text.Json;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>A request for a token: grant type <c>password</c> or <c>client_credentials</c> of RFC 6749.</summary>
/// <param name="pathAndQuery">Where the product gives tokens.</param>
/// <param name="fields">Names and values of the request.</param>
/// <param name="asJson">Whether the product wants JSON instead of the form that RFC 6749 names.</param>
/// <param name="secrets">The values that are secret.</param>
internal sealed class OAuthGrant(string pathAndQuery, IReadOnlyList<KeyValuePair<string, string>> fields, bool asJson, IReadOnlyCollection<string> secrets)
    : ITokenSource
{
    public IReadOnlyCollection<string> Secrets => secrets;

    /// <summary>Grant type <c>password</c>. ThreatQ calls the user <c>email</c>, RFC 6749 <c>username</c>.</summary>
    public static OAuthGrant OfPassword(string pathAndQuery, string clientId, string user, string password, string userField = "username", bool asJson = false) => new(
        pathAndQuery,
        [new("grant_type", "password"), new(userField, user), new("password", password), new("client_id", clientId)],
        asJson,
        [password]);

    /// <summary>Grant type <c>client_credentials</c>.</summary>
    public static OAuthGrant OfClient(string pathAndQuery, string clientId, string clientSecret, bool asJson = false) => new(
        pathAndQuery,
        [new("grant_type", "client_credentials"), new("client_id", clientId), new("client_secret", clientSecret)],
        asJson,
        [clientSecret]);

    /// <inheritdoc/>
    public async Task<AccessToken> RequestAsync(HttpTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var call = (asJson
            ? HttpCall.Post(pathAndQuery, Json())
            : HttpCall.Post(pathAndQuery, Encoding.UTF8.GetBytes(Form()), "application/x-www-form-urlencoded")) with
        { IsAnonymous = true };
        return await TokenCall.AskAsync(target, call, cancellationToken).ConfigureAwait(false);
    }

    private string Form() => string.Join('&', fields.Select(field => $"{Uri.EscapeDataString(field.Key)}={Uri.EscapeDataString(field.Value)}"));

    private ReadOnlyMemory<byte> Json()
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        return output.WrittenMemory;
    }
}
