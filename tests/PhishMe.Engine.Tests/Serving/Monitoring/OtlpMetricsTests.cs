using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using PhishMe.Engine.Serving.Measuring;

namespace PhishMe.Engine.Tests.Serving.Monitoring;

/// <summary>Figures in the encoding of OTLP, held against what the SDK of OpenTelemetry sends for the same figures.</summary>
public sealed class OtlpMetricsTests
{
    private static readonly DateTimeOffset _at = new(2026, 11, 29, 8, 0, 0, TimeSpan.Zero);

    private static readonly OtlpSource _source = new() { Service = "phishme", Version = "1.2.3", Host = "here", Instance = "here:/etc/config.ini", StartedAt = _at.AddHours(-1) };

    [Fact]
    public async Task Figures_read_as_those_of_the_SDK()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var meter = new Meter("phishme");
        meter.CreateObservableGauge("phishme_one", () => 1764360000.25, unit: null, description: "One.");
        meter.CreateObservableGauge("phishme_many", () => (Measurement<double>[])[Of(0, "a"), Of(-7, "b\"ü\n")], unit: null, description: "Many.");
        var counter = meter.CreateCounter<double>("phishme_requests_total", unit: null, description: "Requests.");
        using (var provider = Sdk.CreateMeterProviderBuilder().AddMeter("phishme")
            .ConfigureResource(resource => resource.Clear().AddService("phishme", serviceVersion: "1.2.3", serviceInstanceId: "here:/etc/config.ini").AddAttributes([new("host.name", "here")]))
            .AddOtlpExporter((exporter, reader) =>
            {
                exporter.Endpoint = new Uri(receiver.Address, "v1/metrics");
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = Timeout.Infinite;
            }).Build())
        {
            counter.Add(3, new("section", "feed_server"), new("status", "200"));
            Assert.True(provider.ForceFlush());
        }

        var theirs = await receiver.NextAsync();
        var ours = new OtlpRequest(string.Empty, new Dictionary<string, string>(), OtlpMetrics.Of(
            _source,
            [
                Figure.Of("phishme_one", "One.", 1764360000.25),
                new Figure("phishme_many", "Many.", [new FigureSample(0) { Labels = [new("destination", "a")] }, new FigureSample(-7) { Labels = [new("destination", "b\"ü\n")] }]),
                new Figure("phishme_requests_total", "Requests.", [new FigureSample(3) { Labels = [new("section", "feed_server"), new("status", "200")] }]) { IsCounter = true },
                new Figure("phishme_none", "Has no sample.", []),
            ],
            _at).ToArray());

        Assert.Equal("application/x-protobuf", theirs.Headers["Content-Type"]);
        Assert.Equal(theirs.Resource.Where(one => !one.Key.StartsWith("telemetry.", StringComparison.Ordinal)).OrderBy(one => one.Key), ours.Resource.OrderBy(one => one.Key));
        Assert.Equal(theirs.Metrics.Select(Shape), ours.Metrics.Select(Shape));
        Assert.Equal(theirs.Metrics.SelectMany(Points).Order(), ours.Metrics.SelectMany(Points).Order());
        Assert.All(ours.Metrics.SelectMany(metric => metric.Points), point => Assert.Equal((ulong)_at.ToUnixTimeMilliseconds() * 1_000_000, point.Time));
        Assert.Equal((ulong)_at.AddHours(-1).ToUnixTimeMilliseconds() * 1_000_000, ours.Metrics[2].Points[0].Start);

        static Measurement<double> Of(double value, string destination) => new(value, new KeyValuePair<string, object?>("destination", destination));
        static (string, string, string, bool, ulong, bool) Shape(OtlpMetric metric) => (metric.Name, metric.Description, metric.Unit, metric.IsSum, metric.Temporality, metric.IsMonotonic);
        static IEnumerable<string> Points(OtlpMetric metric) =>
            metric.Points.Select(point => $"{metric.Name} {string.Join(',', point.Labels.OrderBy(label => label.Key).Select(label => $"{label.Key}={label.Value}"))} {point.Value:R}");
    }

    [Fact]
    public void Long_texts_and_many_points_are_whole()
    {
        var text = new string('ü', 40_000);
        var figure = new Figure("phishme_many", text, [.. Enumerable.Range(0, 3000).Select(number => new FigureSample(number) { Labels = [new("destination", $"d{number}")] })]);

        var read = Assert.Single(new OtlpRequest(string.Empty, new Dictionary<string, string>(), OtlpMetrics.Of(_source, [figure], _at).ToArray()).Metrics);

        Assert.Equal(text, read.Description);
        Assert.Equal(Enumerable.Range(0, 3000).Select(number => ((double)number, $"d{number}")), read.Points.Select(point => (point.Value, point.Labels["destination"])));
    }
}
