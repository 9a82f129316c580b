using System.Diagnostics.Metrics;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Serving.Measuring;

namespace PhishMe.Engine.Tests.Serving.Monitoring;

/// <summary>What the SDK of OpenTelemetry makes of figures, read by the wire format.</summary>
public sealed class OtlpExportTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    private static readonly OtlpSource _source = new() { Service = "phishme", Version = "1.2.3", Host = "here", Instance = "here:/etc/config.ini" };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Figures_arrive_with_their_names_and_labels_from_their_source()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var before = Nanoseconds();

        var request = await ExportAsync(
            receiver,
            Figure.Of("phishme_one", "One.", 1764360000.25),
            new Figure("phishme_many", "Many.", [Sample(0, "a"), Sample(-7, "b\"ü\n")]),
            new Figure("phishme_requests_total", "Requests.", [new FigureSample(3) { Labels = [new("section", "feed_server"), new("status", "200")] }]) { IsCounter = true },
            new Figure("phishme_none", "Has no sample.", []));

        Assert.Equal(
            [("host.name", "here"), ("service.instance.id", "here:/etc/config.ini"), ("service.name", "phishme"), ("service.version", "1.2.3")],
            request.Resource.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => (one.Key, one.Value)));
        Assert.Equal(
            [("phishme_one", "One.", "", false, false), ("phishme_many", "Many.", "", false, false), ("phishme_requests_total", "Requests.", "", true, true)],
            request.Metrics.Select(metric => (metric.Name, metric.Description, metric.Unit, metric.IsSum, metric.IsMonotonic)));
        Assert.Equal(2UL, request.Metrics[2].Temporality);
        Assert.Equal(
            ["phishme_many destination=a 0", "phishme_many destination=b\"ü\n -7", "phishme_one  1764360000.25", "phishme_requests_total section=feed_server,status=200 3"],
            request.Metrics.SelectMany(Points).Order(StringComparer.Ordinal));
        Assert.All(request.Metrics.SelectMany(metric => metric.Points), point => Assert.InRange(point.Time, before, Nanoseconds()));

        static IEnumerable<string> Points(OtlpMetric metric) =>
            metric.Points.Select(point => $"{metric.Name} {string.Join(',', point.Labels.OrderBy(label => label.Key).Select(label => $"{label.Key}={label.Value}"))} {point.Value:R}");
    }

    [Fact]
    public async Task Long_texts_and_many_points_are_whole()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var text = new string('ü', 40_000);

        var read = Assert.Single((await ExportAsync(receiver, new Figure("phishme_many", text, [.. Enumerable.Range(0, 3000).Select(number => Sample(number, $"d{number}"))]))).Metrics);

        Assert.Equal(text, read.Description);
        Assert.Equal(
            Enumerable.Range(0, 3000).Select(number => ((double)number, $"d{number}")),
            read.Points.Select(point => (point.Value, point.Labels["destination"])).Order());
    }

    /// <summary>More streams than the SDK keeps at a time (1,000): each export has its figures and nothing that is gone.</summary>
    [Fact]
    public async Task Exports_go_on_and_leave_out_what_is_gone()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var collector = To(receiver);
        using var counting = new Meter("counting");
        var counter = counting.CreateCounter<long>("phishme_requests_total");
        using var export = new OtlpExport(collector, _source, counting);

        for (var round = 1; round <= 60; round++)
        {
            counter.Add(2, new KeyValuePair<string, object?>("section", "feed_server"));
            Assert.Null(await export.TryExportAsync([.. Enumerable.Range(0, 20).Select(number => new Figure($"phishme_{number}", "One.", [Sample(round, $"d{round}")]))], _limit, Stop));
            var request = await receiver.NextAsync();
            Assert.Equal(21, request.Metrics.Count);
            Assert.Equal(2 * round, request.Value("phishme_requests_total", ("section", "feed_server")));
            Assert.All(request.Metrics.Where(metric => !metric.IsSum), metric => Assert.Equal((round, $"d{round}"), ((int)Assert.Single(metric.Points).Value, metric.Points[0].Labels["destination"])));
        }
    }

    /// <summary>Two runs in one process, and two servers: instruments are found by name, and both have the same.</summary>
    [Fact]
    public async Task Each_export_has_its_own_instruments_only()
    {
        await using var here = await OtlpReceiver.StartAsync();
        await using var there = await OtlpReceiver.StartAsync();
        using var ours = new Meter("counting");
        using var theirs = new Meter("counting");
        using var toHere = To(here);
        using var toThere = To(there);
        using (var first = new OtlpExport(toHere, _source, ours))
        using (var second = new OtlpExport(toThere, _source, theirs))
        {
            theirs.CreateCounter<long>("phishme_requests_total").Add(5);
            ours.CreateCounter<long>("phishme_requests_total").Add(3);
            await Task.WhenAll(
                first.TryExportAsync([new Figure("phishme_one", "One.", [Sample(1, "here")])], _limit, Stop),
                second.TryExportAsync([new Figure("phishme_one", "One.", [Sample(2, "there")])], _limit, Stop));
        }

        foreach (var (receiver, counted, name) in new[] { (here, 3, "here"), (there, 5, "there") })
        {
            var request = await receiver.NextAsync();
            Assert.Equal(counted, request.Value("phishme_requests_total"));
            Assert.Equal(name, Assert.Single(request.Metrics.Single(metric => metric.Name == "phishme_one").Points).Labels["destination"]);
            // The end of the exporter is no export.
            Assert.Equal(0, receiver.Waiting);
        }
    }

    private static async Task<OtlpRequest> ExportAsync(OtlpReceiver receiver, params Figure[] figures)
    {
        using var collector = To(receiver);
        using var export = new OtlpExport(collector, _source);
        Assert.Null(await export.TryExportAsync(figures, _limit, Stop));
        return await receiver.NextAsync();
    }

    private static OtlpCollector To(OtlpReceiver receiver) => new(new OtlpSettings { Address = new Uri(receiver.Address, "v1/metrics") }, null, "1", TimeProvider.System);

    private static FigureSample Sample(double value, string destination) => new(value) { Labels = [new("destination", destination)] };

    private static ulong Nanoseconds() => (ulong)(DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;
}
