namespace PhishMe.Engine.Serving.Measuring;

/// <summary>
/// Writes figures as a request of OTLP: <c>ExportMetricsServiceRequest</c> of opentelemetry-proto 1.x in the binary encoding. The names are those of the text for
/// Prometheus, without a unit, so that a figure has one name whichever way it took.
/// </summary>
internal static class OtlpMetrics
{
    /// <summary>The media type of a request.</summary>
    public const string MediaType = "application/x-protobuf";

    private const uint Cumulative = 2;

    /// <summary>Writes figures.</summary>
    /// <param name="source">Where they come from.</param>
    /// <param name="figures">The figures.</param>
    /// <param name="at">When they were read.</param>
    public static ReadOnlyMemory<byte> Of(OtlpSource source, IEnumerable<Figure> figures, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(figures);
        var request = new ProtobufWriter();
        request.Message(1, resourceMetrics =>
        {
            resourceMetrics.Message(1, resource =>
            {
                Attribute(resource, 1, "service.name", source.Service);
                Attribute(resource, 1, "service.version", source.Version);
                Attribute(resource, 1, "service.instance.id", source.Instance);
                Attribute(resource, 1, "host.name", source.Host);
            });
            resourceMetrics.Message(2, scopeMetrics =>
            {
                scopeMetrics.Message(1, scope =>
                {
                    scope.Text(1, source.Service);
                    scope.Text(2, source.Version);
                });
                foreach (var figure in figures.Where(figure => figure.Samples.Count > 0))
                {
                    scopeMetrics.Message(2, metric => Write(metric, figure, source.StartedAt, at));
                }
            });
        });
        return request.Written;
    }

    private static void Write(ProtobufWriter metric, Figure figure, DateTimeOffset startedAt, DateTimeOffset at)
    {
        metric.Text(1, figure.Name);
        metric.Text(2, figure.Help);
        metric.Message(figure.IsCounter ? 7 : 5, data =>
        {
            foreach (var sample in figure.Samples)
            {
                data.Message(1, point =>
                {
                    if (figure.IsCounter)
                    {
                        point.Fixed(2, Nanoseconds(startedAt));
                    }

                    point.Fixed(3, Nanoseconds(at));
                    point.Double(4, sample.Value);
                    foreach (var (name, value) in sample.Labels)
                    {
                        Attribute(point, 7, name, value);
                    }
                });
            }

            if (figure.IsCounter)
            {
                data.Number(2, Cumulative);
                data.Number(3, 1);
            }
        });
    }

    private static void Attribute(ProtobufWriter message, int field, string name, string value) => message.Message(field, pair =>
    {
        pair.Text(1, name);
        pair.Message(2, any => any.Text(1, value));
    });

    private static ulong Nanoseconds(DateTimeOffset time) => (ulong)Math.Max(0, (time - DateTimeOffset.UnixEpoch).Ticks) * 100;
}
