using PhishMe.Engine.Configuration;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>An application that is registered in Microsoft Entra, and where it logs on.</summary>
internal sealed record MicrosoftAccount
{
    private static readonly Uri _publicCloud = new("https://login.microsoftonline.com");

    public required string Tenant { get; init; }

    public required string Client { get; init; }

    /// <summary>Null when the certificate is the credential. Never log it.</summary>
    public string? Secret { get; init; }

    /// <summary>Null when the secret is the credential.</summary>
    public ClientCertificateSettings? Certificate { get; init; }

    /// <summary>What a token is asked for.</summary>
    public required string Scope { get; init; }

    public required HttpTargetSettings Login { get; init; }

    /// <summary>The keys of the account, those of the connection included.</summary>
    /// <param name="scope">What a token is asked for in the public cloud.</param>
    public static IEnumerable<KeySchema> Keys(string scope) =>
    [
        Ours(Text("tenant_id", "Directory (tenant) id.")),
        Ours(Text("client_id", "Application (client) id of the app registration.")),
        Ours(Secret("client_secret", "Secret of the application. Instead of client_certificate.")),
        Ours(Input("client_certificate", "Certificate of the application, with an RSA key: PEM or PKCS #12. Instead of client_secret.")),
        Ours(Input("client_certificate_key", "PEM file with its private key, if the certificate file does not contain it.")),
        Ours(Secret("client_certificate_password", "Password of the private key.")),
        Ours(Url("login_host", "https://login.microsoftonline.com", "Where tokens are given. Another one for national clouds.")),
        Ours(Text("scope", "What a token is asked for. Another one for national clouds.") with { Default = scope }),
    ];

    /// <summary>The keys of the connection. The certificate is a credential here, and is not shown in TLS.</summary>
    /// <param name="callsPerMinute">The ceiling.</param>
    /// <param name="limit">That of the service, in words.</param>
    public static IEnumerable<KeySchema> Connection(int callsPerMinute, string limit) =>
    [
        Ours(Number("max_rpm", callsPerMinute.ToString(System.Globalization.CultureInfo.InvariantCulture), 1, 10_000, $"Maximum number of requests per minute. {limit}")),
        HttpKeys.Verify(),
        .. HttpKeys.Connection().Where(key => !key.Name.StartsWith("client_certificate", StringComparison.Ordinal) && key.Name != "max_rps"),
    ];

    /// <summary>Reads account and connection; what is wrong becomes a finding.</summary>
    /// <returns>The account, and the product without its certificate; null without an address.</returns>
    public static (MicrosoftAccount Account, HttpTargetSettings Target)? Read(SectionValues section, Uri publicCloud)
    {
        const string Credentials = "tenant_id, client_id and client_secret or client_certificate";
        if (HttpKeys.Read(section, Credentials, fallback: publicCloud) is not HttpTargetSettings target
            || HttpKeys.Read(section, Credentials, addressKey: "login_host", fallback: _publicCloud) is not HttpTargetSettings login)
        {
            return null;
        }

        var secret = section.Secret("client_secret");
        if (secret is null && target.ClientCertificate is null)
        {
            section.ReportMissing("client_secret", "Write the secret of the application here, or its certificate in client_certificate.");
        }

        return (
            new MicrosoftAccount
            {
                Tenant = section.RequiredText("tenant_id", "Write the directory (tenant) id of the app registration."),
                Client = section.RequiredText("client_id", "Write the application (client) id of the app registration."),
                Secret = secret,
                Certificate = secret is null ? target.ClientCertificate : null,
                Scope = section.Text("scope")!,
                Login = login with { ClientCertificate = null },
            },
            target with { ClientCertificate = null, CallsPerMinute = section.Integer("max_rpm") });
    }
}
