using System.Text;
using System.Text.Json;
using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Running;

/// <summary>
/// Blots secrets out of whatever leaves a run as text. Nothing here writes them on purpose; a server or a library that quotes what it was sent might.
/// </summary>
internal sealed class Redaction
{
    private const string Mark = "********";

    /// <summary>Shorter ones would blot out parts of words.</summary>
    private const int ShortestSecret = 4;

    private readonly string[] _secrets;

    private Redaction(IEnumerable<string> secrets) =>
        // Longest first: one secret may begin with another.
        _secrets = [.. secrets.Where(secret => secret.Length >= ShortestSecret).SelectMany(Spellings).Distinct().OrderByDescending(text => text.Length)];

    /// <summary>Before the configuration is read nobody knows a secret.</summary>
    public static Redaction None { get; } = new([]);

    public static Redaction Of(IntegrationSettings settings) => new(SecretsOf(settings));

    /// <summary>The text without secrets.</summary>
    public string Blot(string text)
    {
        foreach (string secret in _secrets)
        {
            text = text.Replace(secret, Mark, StringComparison.Ordinal);
        }

        return text;
    }

    private static IEnumerable<string> SecretsOf(IntegrationSettings settings)
    {
        ApiSettings api = settings.Api;
        yield return api.User;
        yield return api.Password;
        yield return Basic(api.User, api.Password);
        if (settings.Proxy is { Password: string password } proxy)
        {
            yield return password;
            yield return Basic(proxy.User ?? string.Empty, password);
        }

        IEnumerable<ClientCertificateSettings?> certificates = [api.ClientCertificate, .. settings.Outputs.Select(output => output.Syslog?.ClientCertificate)];
        foreach (string key in certificates.Select(certificate => certificate?.Password).OfType<string>())
        {
            yield return key;
        }
    }

    private static string Basic(string user, string password) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    /// <summary>As it is, and as it stands in a URL or in JSON.</summary>
    private static IEnumerable<string> Spellings(string secret) =>
        [secret, Uri.EscapeDataString(secret), JsonEncodedText.Encode(secret).ToString()];
}
