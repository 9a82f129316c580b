namespace PhishMe.Engine.Tests.Serving.Monitoring;

/// <summary>A metric as it arrived.</summary>
internal sealed record OtlpMetric(string Name, string Description, string Unit, bool IsSum, ulong Temporality, bool IsMonotonic, IReadOnlyList<OtlpPoint> Points);
