using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>A valid config.ini, typed. Paths are absolute; relative ones are taken from the folder of the file.</summary>
internal sealed record IntegrationSettings
{
    /// <summary>Full path of the file.</summary>
    public required string Path { get; init; }

    /// <summary>[pm_api].</summary>
    public required ApiSettings Api { get; init; }

    /// <summary>[pm_jitter].</summary>
    public required JitterSettings Jitter { get; init; }

    /// <summary>[pm_product]: products to follow; never empty.</summary>
    public required IReadOnlySet<ThreatType> Products { get; init; }

    /// <summary>[local_proxy]; null means no proxy at all, also when the environment names one.</summary>
    public ProxySettings? Proxy { get; init; }

    /// <summary>[local_log].</summary>
    public required LogSettings Log { get; init; }

    /// <summary>[local_metrics].</summary>
    public MetricsSettings Metrics { get; init; } = new();

    /// <summary>[local_file_lock] lock_file, or the default beside the configuration file.</summary>
    public required string LockFile { get; init; }

    /// <summary>[local_sqlite] and [state].</summary>
    public required StateSettings State { get; init; }

    /// <summary>The outputs in use, at most one per format, in the order CEF, JSON, STIX.</summary>
    public IReadOnlyList<OutputSettings> Outputs => [.. Destinations.Select(destination => destination.Output).OfType<OutputSettings>().Distinct()];

    /// <summary>The destinations in use.</summary>
    internal IReadOnlyList<Destination> Destinations { get; init; } = [];

    /// <summary>[feed_server] and [taxii_server].</summary>
    internal ServerSettings Servers { get; init; } = new();

    /// <summary>The secrets of all sections in use; never shown.</summary>
    internal IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Names of the active outputs for the User-Agent, such as <c>raw_json</c>.</summary>
    public required IReadOnlyList<string> ActiveOutputs { get; init; }
}
