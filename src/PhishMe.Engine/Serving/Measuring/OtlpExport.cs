using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace PhishMe.Engine.Serving.Measuring;

/// <summary>
/// Exports figures by OTLP with the SDK of OpenTelemetry. The names are those of the text for Prometheus, without a unit, so that a figure has one name whichever way it took.
/// The one class that touches OpenTelemetry: its assemblies are loaded when a collector is set, and not before.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    private readonly OtlpCollector _collector;
    private readonly OtlpSource _source;
    private readonly Meter? _counting;
    private readonly MeterProvider _provider;
    private (Meter Meter, Dictionary<string, int> Points)? _current;

    /// <param name="collector">The way to the collector.</param>
    /// <param name="source">Where the figures come from.</param>
    /// <param name="counting">Instruments that go on counting from one export to the next, besides the figures of each; null when there are no others.</param>
    public OtlpExport(OtlpCollector collector, OtlpSource source, Meter? counting = null)
    {
        ArgumentNullException.ThrowIfNull(collector);
        ArgumentNullException.ThrowIfNull(source);
        (_collector, _source, _counting) = (collector, source, counting);
        _provider = Sdk.CreateMeterProviderBuilder()
            // config.ini says where figures go and what they say of themselves: the variables of OpenTelemetry in the environment are not read.
            .ConfigureServices(services => services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build()))
            .SetResourceBuilder(ResourceBuilder.CreateEmpty()
                .AddService(source.Service, serviceVersion: source.Version, serviceInstanceId: source.Instance)
                .AddAttributes([new("host.name", source.Host)]))
            .AddMeter(counting is null ? [source.Service] : [source.Service, counting.Name])
            .AddView(Stream)
            .AddOtlpExporter((exporter, reader) =>
            {
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                exporter.Endpoint = collector.Address;
                exporter.HttpClientFactory = collector.CreateClient;
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = Timeout.Infinite;
            })
            .Build();
    }

    /// <summary>Exports figures, once. What the collector does not take is not sent again, because the next export has newer figures.</summary>
    /// <param name="figures">The figures.</param>
    /// <param name="limit">How long it may take, connection included.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Why the collector did not take them; null when it did.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> stopped it.</exception>
    public async Task<string?> TryExportAsync(IReadOnlyList<Figure> figures, TimeSpan limit, CancellationToken cancellationToken)
    {
        // Made for each export: what is gone since the last one, such as a reader, must not be sent for ever.
        using var meter = new Meter(_source.Service, _source.Version);
        _current = (meter, figures.ToDictionary(figure => figure.Name, figure => figure.Samples.Count));
        foreach (var figure in figures)
        {
            Measurement<double>[] samples = [.. figure.Samples.Select(sample => new Measurement<double>(
                sample.Value, [.. sample.Labels.Select(label => new KeyValuePair<string, object?>(label.Key, label.Value))]))];
            _ = figure.IsCounter
                ? meter.CreateObservableCounter(figure.Name, () => samples, unit: null, figure.Help)
                : (Instrument)meter.CreateObservableGauge(figure.Name, () => samples, unit: null, figure.Help);
        }

        return await _collector.TryExchangeAsync(
            () => Task.Run(() => _provider.ForceFlush((int)limit.TotalMilliseconds), CancellationToken.None), limit, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _provider.Dispose();

    /// <summary>Meters are found by their name, also those of another run in the same process: only our own count.</summary>
    private MetricStreamConfiguration? Stream(Instrument instrument)
    {
        if (_current is var (meter, points) && ReferenceEquals(instrument.Meter, meter))
        {
            return new MetricStreamConfiguration { CardinalityLimit = Math.Max(1, points[instrument.Name]) };
        }

        return ReferenceEquals(instrument.Meter, _counting) ? null : MetricStreamConfiguration.Drop;
    }
}
