using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Serving.Measuring;

/// <summary>Where figures come from, as OpenTelemetry names it (semantic conventions, "Service").</summary>
internal sealed record OtlpSource
{
    /// <summary>service.name of a run.</summary>
    public const string RunService = "phishme";

    /// <summary>service.name of the server.</summary>
    public const string ServerService = "phishme-server";

    /// <summary>service.name.</summary>
    public required string Service { get; init; }

    /// <summary>service.version.</summary>
    public required string Version { get; init; }

    /// <summary>host.name.</summary>
    public required string Host { get; init; }

    /// <summary>service.instance.id: tells several integrations of one host apart.</summary>
    public required string Instance { get; init; }

    /// <summary>The source of an integration on this host.</summary>
    /// <param name="service">Its part.</param>
    /// <param name="settings">The configuration.</param>
    /// <param name="version">The version of the product.</param>
    public static OtlpSource Of(string service, IntegrationSettings settings, string version)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new OtlpSource
        {
            Service = service,
            Version = version,
            Host = Environment.MachineName,
            Instance = $"{Environment.MachineName}:{settings.Path}",
        };
    }
}
