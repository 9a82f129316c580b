using System.Globalization;
using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Sessions;

/// <summary>The settings of a session without a configuration file: what the file would default to.</summary>
internal static class SessionSettings
{
    /// <summary>
    /// Pages fetched ahead of the one being handed over. Few: a person often looks at the first threats only, and what was fetched for nothing still
    /// counts against the API's limits.
    /// </summary>
    public const int PagesAhead = 2;

    /// <summary>Threats per request.</summary>
    public static int ResultsPerPage { get; } = Number("results_per_page");

    public static ApiSettings Api(SessionOptions options) => new()
    {
        BaseUri = Address(options.BaseUri ?? new Uri(Default("base_url")), "The address of the API"),
        User = options.User ?? string.Empty,
        Password = options.Password ?? string.Empty,
        VerifyTls = options.VerifyTls,
        InitialDate = DateTimeOffset.UnixEpoch, // A session has no back catalogue of its own.
        ResultsPerPage = ResultsPerPage,
        MaximumTries = Number("max_retries"),
        ExpiredThreatDays = Number("expired_threat_days"),
        ConcurrentRequests = Number("concurrent_requests"),
        RunTimeoutMinutes = Number("run_timeout_minutes"),
    };

    public static ProxySettings? Proxy(SessionOptions options)
    {
        if (options.Proxy is null)
        {
            return null;
        }

        var proxy = Address(options.Proxy, "The address of the proxy");
        return new ProxySettings { Http = proxy, Https = proxy, User = options.ProxyUser, Password = options.ProxyPassword };
    }

    // Credentials in an address would be shown wherever the address is.
    private static Uri Address(Uri uri, string subject)
    {
        if (!uri.IsAbsoluteUri || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
        {
            throw new PhishMeException(Faults.AddressInvalid, $"{subject} must begin with http:// or https://.", uri.IsAbsoluteUri ? null : uri.OriginalString);
        }

        return uri.UserInfo.Length == 0
            ? uri
            : throw new PhishMeException(Faults.AddressInvalid, $"{subject} contains credentials. Pass them as a credential instead.", uri.Host);
    }

    private static int Number(string key) => int.Parse(Default(key), CultureInfo.InvariantCulture);

    private static string Default(string key) => ConfigurationSchema.Api.Find(key)!.Default;
}
