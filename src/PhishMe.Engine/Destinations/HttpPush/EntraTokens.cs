using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PhishMe.Engine.Network;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>
/// Tokens of Microsoft Entra for an application (client credentials), by a secret or by an assertion that is signed with its certificate. The service is another
/// host than the product.
/// </summary>
internal sealed class EntraTokens : ITokenSource, IDisposable
{
    /// <summary>Microsoft advises 5 to 10 minutes.</summary>
    private static readonly TimeSpan _assertionLifetime = TimeSpan.FromMinutes(5);

    private readonly MicrosoftAccount _account;
    private readonly HttpTarget _service;
    private readonly TimeProvider _clock;
    private readonly X509Certificate2? _certificate;

    /// <exception cref="PhishMeException">The certificate cannot be used.</exception>
    public EntraTokens(MicrosoftAccount account, DestinationHost host)
    {
        _account = account;
        _clock = host.Clock;
        _certificate = account.Certificate is null ? null : Load(account.Certificate.File, () => CertificateFile.Load(account.Certificate));
        _service = new HttpTarget(
            account.Login with { Proxy = host.Proxy }, new NoAuthentication(Secrets), $"PhishMe.PowerShell/{host.Version} ({host.Id})", host.Clock, host.Log);
    }

    public IReadOnlyCollection<string> Secrets => _account.Secret is string secret ? [secret, Uri.EscapeDataString(secret)] : [];

    private string Path => $"/{Uri.EscapeDataString(_account.Tenant)}/oauth2/v2.0/token";

    public async Task<AccessToken> RequestAsync(HttpTarget target, CancellationToken cancellationToken)
    {
        KeyValuePair<string, string>[] fields =
        [
            new("grant_type", "client_credentials"),
            new("client_id", _account.Client),
            new("scope", _account.Scope),
            .. _certificate is null
                ? (KeyValuePair<string, string>[])[new("client_secret", _account.Secret ?? string.Empty)]
                : [new("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), new("client_assertion", Assertion(_certificate))],
        ];
        var form = string.Join('&', fields.Select(field => $"{field.Key}={Uri.EscapeDataString(field.Value)}"));
        var call = HttpCall.Post(Path, Encoding.UTF8.GetBytes(form), "application/x-www-form-urlencoded") with { IsAnonymous = true };
        return await TokenCall.AskAsync(_service, call, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _service.Dispose();
        _certificate?.Dispose();
    }

    private static X509Certificate2 Load(string path, Func<X509Certificate2> load)
    {
        try
        {
            var certificate = load();
            using var key = certificate.GetRSAPrivateKey();
            return key is not null
                ? certificate
                : throw new PhishMeException(Faults.ConfigurationInvalid, "The certificate of client_certificate has no RSA private key, which Microsoft Entra wants.", path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new PhishMeException(Faults.ConfigurationInvalid, $"The file of client_certificate cannot be read: {unreadable.Message}", path, unreadable);
        }
    }

    private static string Base64Url(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>A signed statement of who we are (RFC 7523), with the header and claims that Microsoft Entra asks for: PS256, and the SHA-256 thumbprint.</summary>
    private string Assertion(X509Certificate2 certificate)
    {
        var now = _clock.GetUtcNow();
        var header = JsonBody.OfObject(writer =>
        {
            writer.WriteString("alg", "PS256");
            writer.WriteString("typ", "JWT");
            writer.WriteString("x5t#S256", Base64Url(certificate.GetCertHash(HashAlgorithmName.SHA256)));
        });
        var claims = JsonBody.OfObject(writer =>
        {
            writer.WriteString("aud", _account.Login.Address.AbsoluteUri.TrimEnd('/') + Path);
            writer.WriteString("iss", _account.Client);
            writer.WriteString("sub", _account.Client);
            writer.WriteString("jti", Guid.NewGuid().ToString());
            writer.WriteNumber("nbf", now.ToUnixTimeSeconds());
            writer.WriteNumber("iat", now.ToUnixTimeSeconds());
            writer.WriteNumber("exp", (now + _assertionLifetime).ToUnixTimeSeconds());
        });
        var text = string.Create(CultureInfo.InvariantCulture, $"{Base64Url(header.Span)}.{Base64Url(claims.Span)}");
        using var key = certificate.GetRSAPrivateKey()!;
        return $"{text}.{Base64Url(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pss))}";
    }
}
