using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Api;

/// <summary>Builds the one pooled HTTP client of a run from the configuration: credentials, TLS, proxy, compression, HTTP/2.</summary>
internal static class ApiTransport
{
    public static HttpClient Create(ApiSettings api, ProxySettings? proxy, string userAgent, ApiTimings timings)
    {
        var handler = new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = timings.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = api.ConcurrentRequests,
            EnableMultipleHttp2Connections = true,
            // A redirect of an API is a portal or a proxy talking: say so instead of following with credentials.
            AllowAutoRedirect = false,
            UseCookies = false,
            // No proxy in the file means none, whatever the environment says.
            UseProxy = proxy is not null,
            Proxy = proxy is null ? null : new ConfiguredProxy(proxy),
            SslOptions = Tls(api),
        };
        var client = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan, // Each try has its own limit.
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        string token = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{api.User}:{api.Password}"));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", token);
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", userAgent);
        return client;
    }

    private static SslClientAuthenticationOptions Tls(ApiSettings api)
    {
        var options = new SslClientAuthenticationOptions();
        if (!api.VerifyTls)
        {
#pragma warning disable CA5359 // The user's file says ssl_verify = False; every run warns about it.
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (api.AuthorityFile is string file)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            try
            {
                policy.CustomTrustStore.ImportFromPemFile(file);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
            {
                throw new PhishMeException(Faults.ConfigurationInvalid, "The ca_file cannot be read as PEM certificates.", file, exception);
            }

            options.CertificateChainPolicy = policy;
        }

        return options;
    }
}
