namespace PhishMe.Engine.Tests.Serving.Monitoring;

/// <summary>A point of a metric; times in nanoseconds since 1970, 0 for none.</summary>
internal sealed record OtlpPoint(IReadOnlyDictionary<string, string> Labels, double Value, ulong Start, ulong Time);
