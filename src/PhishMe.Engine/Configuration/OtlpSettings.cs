namespace PhishMe.Engine.Configuration;

/// <summary>[local_metrics] otlp_endpoint: the collector that takes figures over OTLP/HTTP.</summary>
internal sealed record OtlpSettings
{
    /// <summary>The address that figures are posted to, without credentials.</summary>
    public required Uri Address { get; init; }

    /// <summary>Headers of each request. Never log their values.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The address, without secrets.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Address.ToString();
}
