namespace PhishMe.Engine.Configuration;

/// <summary>[local_metrics].</summary>
internal sealed record MetricsSettings
{
    /// <summary>The file for node_exporter; null when none is written.</summary>
    public string? TextFile { get; init; }

    /// <summary>The collector that gets the figures; null for none.</summary>
    public OtlpSettings? Otlp { get; init; }
}
