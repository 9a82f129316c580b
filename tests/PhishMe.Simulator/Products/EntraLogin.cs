using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace PhishMe.Simulator.Products;

/// <summary>The token service of Microsoft Entra for one application: client credentials by secret, or by an assertion that its certificate signs.</summary>
/// <param name="tenant">The tenant.</param>
/// <param name="client">The application.</param>
/// <param name="secret">Its secret; null when only the certificate counts.</param>
/// <param name="scope">What tokens are given for.</param>
public sealed class EntraLogin(string tenant, string client, string? secret, string scope)
{
    private readonly HashSet<string> _live = new(StringComparer.Ordinal);

    /// <summary>The certificate of the application, without its key.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Seconds that a token lives, as the answer says.</summary>
    public int Lifetime { get; set; } = 3599;

    /// <summary>Tokens given so far.</summary>
    public int Given { get; private set; }

    /// <summary>Assertions that were accepted.</summary>
    public IList<string> Assertions { get; } = [];

    /// <summary>All tokens end now, whatever was said.</summary>
    public void EndTokens() => _live.Clear();

    /// <summary>Whether a request has a token that counts.</summary>
    public bool Knows(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Header("Authorization") is string header && header.StartsWith("Bearer ", StringComparison.Ordinal) && _live.Contains(header["Bearer ".Length..]);
    }

    /// <summary>The answer to a request for a token; null when it is another request.</summary>
    public ProductAnswer? Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Method != "POST" || !request.Path.EndsWith("/oauth2/v2.0/token", StringComparison.Ordinal))
        {
            return null;
        }

        var form = QueryHelpers.ParseQuery(request.Text);
        if (request.Path != $"/{tenant}/oauth2/v2.0/token")
        {
            return Refused("invalid_request", "AADSTS90002: Tenant not found.");
        }

        if (form["grant_type"] != "client_credentials" || form["client_id"] != client)
        {
            return Refused("unauthorized_client", "AADSTS700016: Application was not found in the directory.");
        }

        if (form["scope"] != scope)
        {
            return Refused("invalid_scope", "AADSTS1002012: The provided value for scope is not valid.");
        }

        var isProven = form.TryGetValue("client_assertion", out var assertion)
            ? form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" && IsSigned(assertion.ToString(), request)
            : secret is not null && form["client_secret"] == secret;
        if (!isProven)
        {
            return Refused("invalid_client", "AADSTS7000215: Invalid client secret provided.", 401);
        }

        var token = string.Create(CultureInfo.InvariantCulture, $"token-of-the-service-{++Given}");
        _live.Add(token);
        return ProductAnswer.Json(200, new JsonObject { ["token_type"] = "Bearer", ["expires_in"] = Lifetime, ["access_token"] = token }.ToJsonString());
    }

    private static ProductAnswer Refused(string error, string description, int status = 400) =>
        ProductAnswer.Json(status, new JsonObject { ["error"] = error, ["error_description"] = description }.ToJsonString());

    private bool IsSigned(string assertion, ProductRequest request)
    {
        if (assertion.Split('.') is not [var header, var claims, var signature] || Certificate is null)
        {
            return false;
        }

        var head = JsonNode.Parse(WebEncoders.Base64UrlDecode(header))!;
        var body = JsonNode.Parse(WebEncoders.Base64UrlDecode(claims))!;
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        using var key = Certificate.GetRSAPublicKey()!;
        var isValid = (string?)head["alg"] == "PS256"
            && (string?)head["typ"] == "JWT"
            && (string?)head["x5t#S256"] == WebEncoders.Base64UrlEncode(Certificate.GetCertHash(HashAlgorithmName.SHA256))
            && (string?)body["iss"] == client
            && (string?)body["sub"] == client
            && (string?)body["aud"] == $"http://{request.Header("Host")}{request.Path}"
            && Guid.TryParse((string?)body["jti"], out _)
            && (long)body["nbf"]! <= now + 1
            && (long)body["exp"]! > now
            && (long)body["exp"]! <= now + 600
            && key.VerifyData(Encoding.ASCII.GetBytes($"{header}.{claims}"), WebEncoders.Base64UrlDecode(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        if (isValid)
        {
            Assertions.Add(assertion);
        }

        return isValid;
    }
}
