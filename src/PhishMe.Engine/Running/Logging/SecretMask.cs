using System.Text;
using System.Text.Json;
using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Logging;

/// <summary>
/// Blots out the credentials wherever text leaves a run: log, summary, dead letters. Whatever a server, a proxy or an error message repeats of
/// them, in whichever of the forms they travel in.
/// </summary>
internal sealed class SecretMask
{
    private const string Blot = "********";

    /// <summary>Shorter ones would blot out half of any text.</summary>
    private const int Shortest = 4;

    private readonly string[] _secrets;
    private readonly byte[][] _secretBytes;

    public SecretMask(IntegrationSettings settings)
        : this(SecretsOf(settings))
    {
    }

    public SecretMask(IEnumerable<string> secrets)
    {
        // The longest first: a token must go as a whole before a part of it is found.
        _secrets = [.. secrets.Where(secret => secret.Length >= Shortest).Distinct(StringComparer.Ordinal).OrderByDescending(secret => secret.Length)];
        _secretBytes = [.. _secrets.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>Hides nothing: before the configuration is read there is nothing to hide.</summary>
    public static SecretMask None { get; } = new([]);

    public string Hide(string text)
    {
        foreach (var secret in _secrets)
        {
            text = text.Replace(secret, Blot, StringComparison.Ordinal);
        }

        return text;
    }

    public byte[]? Hide(byte[]? payload) =>
        payload is not null && Array.Exists(_secretBytes, secret => payload.AsSpan().IndexOf(secret) >= 0)
            ? Encoding.UTF8.GetBytes(Hide(Encoding.UTF8.GetString(payload)))
            : payload;

    public Fault Hide(Fault fault) =>
        fault with { Message = Hide(fault.Message), Where = fault.Where is string where ? Hide(where) : null };

    private static IEnumerable<string> SecretsOf(IntegrationSettings settings)
    {
        IEnumerable<string> plain = [settings.Api.User, settings.Api.Password, Token(settings.Api.User, settings.Api.Password)];
        if (settings.Proxy is { Password: string password } proxy)
        {
            plain = plain.Append(password).Append(Token(proxy.User ?? string.Empty, password));
        }

        IEnumerable<ClientCertificateSettings?> certificates =
            [settings.Api.ClientCertificate, .. settings.Outputs.Select(output => output.Syslog?.ClientCertificate)];
        return plain.Concat(settings.Secrets).Concat(settings.Metrics.Otlp?.Headers.Select(header => header.Value) ?? []).Concat(certificates.Select(certificate => certificate?.Password).OfType<string>()).SelectMany(Spellings);
    }

    /// <summary>As it is, in a URL, and in JSON, which the summary is written to the log as.</summary>
    private static IEnumerable<string> Spellings(string secret) =>
        [secret, Uri.EscapeDataString(secret), JsonEncodedText.Encode(secret).ToString()];

    private static string Token(string user, string password) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
}
