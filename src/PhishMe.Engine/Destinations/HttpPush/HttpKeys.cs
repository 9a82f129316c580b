using System.Globalization;
using PhishMe.Engine.Configuration;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>The keys that all products over HTTP share: what they are called, and what they mean.</summary>
internal static class HttpKeys
{
    /// <summary>The keys of the connection, behind the product's own.</summary>
    /// <param name="callsPerSecond">The ceiling of a product that names a limit; 0 for none.</param>
    public static KeySchema[] Connection(int callsPerSecond = 0) =>
    [
        .. Calls(callsPerSecond),
        Ours(Number("queue_max_mb", "256", 1, 102_400, "Megabytes to keep on disk while the product is down. Beyond it the product catches up later.")),
    ];

    /// <summary>The keys of a product that is called, but for which nothing is queued.</summary>
    /// <param name="callsPerSecond">The ceiling of a product that names a limit; 0 for none.</param>
    public static KeySchema[] Calls(int callsPerSecond = 0) =>
    [
        Ours(Input("ca_file", "PEM file with certificate authorities to trust besides the system's.")),
        Ours(Input("client_certificate", "Client certificate for the product or for a gateway in front of it: PEM or PKCS #12.")),
        Ours(Input("client_certificate_key", "PEM file with its private key, if the certificate file does not contain it.")),
        Ours(Secret("client_certificate_password", "Password of the private key.")),
        Ours(Number("connect_timeout", "10", 1, 600, "Seconds to wait for a connection.")),
        Ours(Number("read_timeout", "120", 1, 3600, "Seconds to wait for an answer.")),
        Ours(Number("max_retries", "5", 1, 20, "Attempts per request, including the first.")),
        Ours(Number("max_rps", callsPerSecond == 0 ? "" : callsPerSecond.ToString(CultureInfo.InvariantCulture), 1, 1000,
            "Maximum number of requests per second. Empty: as many as the product accepts.")),
    ];

    /// <summary>Whether the certificate is verified, for sections whose original had no such key.</summary>
    public static KeySchema Verify() => Ours(Flag("ssl_verify", "True", "Verify the certificate of the product. False is dangerous, and every run says so."));

    /// <summary>Reads address and connection; what is wrong becomes a finding.</summary>
    /// <param name="section">The section.</param>
    /// <param name="credentialKeys">The keys that hold the credentials, for messages.</param>
    /// <param name="addressKey">The key that holds the address.</param>
    /// <param name="verifyKey">The key that says whether the certificate is verified.</param>
    /// <param name="fallback">The address when the key is empty; null when it is required.</param>
    /// <returns>Null without an address.</returns>
    public static HttpTargetSettings? Read(
        SectionValues section, string credentialKeys, string addressKey = "host_with_protocol", string verifyKey = "ssl_verify", Uri? fallback = null)
    {
        if ((section.Url(addressKey) ?? (section.Unchecked(addressKey) is null ? fallback : null)) is not Uri address)
        {
            section.ReportMissing(addressKey, "Write the address of the product, such as https://product.example.");
            return null;
        }

        if (address.UserInfo.Length > 0)
        {
            section.Report(FindingRules.CredentialsInUrl, addressKey, $"The URL contains credentials, which are ignored. Remove them and use {credentialKeys}.");
            address = new UriBuilder(address) { UserName = string.Empty, Password = string.Empty }.Uri;
        }

        if (address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
        {
            section.Report(FindingRules.ConnectionNotEncrypted, addressKey,
                "The product is reached over http://, so the credentials travel in clear text. Write https://.");
        }

        var verify = section.Boolean(verifyKey);
        if (!verify)
        {
            section.Report(FindingRules.TlsNotVerified, verifyKey,
                "The certificate of the product is not verified, so anyone on the network path can read the credentials. Write True. If you have your own " +
                "certificate authority, name its certificate in ca_file.");
        }

        return new HttpTargetSettings
        {
            Address = address,
            Section = section.Name,
            AddressKey = addressKey,
            CredentialKeys = credentialKeys,
            VerifyTls = verify,
            AuthorityFile = section.InputFile("ca_file"),
            ClientCertificate = SyslogKeys.ReadClientCertificate(section, "client_certificate"),
            ConnectTimeout = TimeSpan.FromSeconds(section.Integer("connect_timeout")),
            ReadTimeout = TimeSpan.FromSeconds(section.Integer("read_timeout")),
            MaximumTries = section.Integer("max_retries"),
            CallsPerSecond = section.Has("max_rps") ? section.OptionalInteger("max_rps") : null,
            QueueMegabytes = section.Has("queue_max_mb") ? section.Integer("queue_max_mb") : 0,
        };
    }
}
