using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>phishme-server with 200 clients at once, while syncs run: the time of a page of 1,000 objects, of a feed file and of the status page; memory.</summary>
internal sealed class ServeBenchmark(BenchmarkFolder folder, PhishMeProgram phishme, BenchmarkOptions options, TargetList targets)
{
    private const int Clients = 200;
    private const int RequestsOfEach = 25;
    private const int ChangesOfEachSync = 200;
    private const double SlowestPage = 250;
    private const long LargestPeak = 300L * 1024 * 1024;

    private static readonly MediaTypeWithQualityHeaderValue _taxii = MediaTypeWithQualityHeaderValue.Parse("application/taxii+json;version=2.1");

    public async Task RunAsync()
    {
        await using var simulator = await SimulatorProcess.StartAsync(options.StoreThreats, latency: 0);
        var configuration = folder.Configure(simulator, options.Concurrency, "json");
        await File.AppendAllTextAsync(configuration, """

            [local_sqlite]
            use = True
            [integration_paloalto_minemeld]
            use = True
            output_dir = lists
            [feed_server]
            use = True
            listen = http://127.0.0.1:0/
            [taxii_server]
            use = True
            listen = http://127.0.0.1:0/
            page_limit = 1000

            """);
        await phishme.SyncAsync(configuration);
        var (server, addresses) = await StartAsync(configuration);
        using (server)
        {
            try
            {
                using var stop = new CancellationTokenSource();
                var syncing = SyncAsync(simulator, configuration, stop.Token);
                Console.WriteLine(Invariant($"Server over {options.StoreThreats:N0} threats, {Clients} clients, while syncs run"));
                using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Clients, UseProxy = false });
                if (await CollectionAsync(client, addresses["taxii_server"]) is Uri objects)
                {
                    var page = await MeasureAsync(client, "a TAXII page of 1,000 objects", () => Request(new Uri(objects, "?limit=1000"), _taxii));
                    targets.Add(Invariant($"p99 of a page of 1,000 objects under {SlowestPage} ms with {Clients} clients"), Invariant($"{page.P99:0} ms"), page.P99 < SlowestPage);
                    targets.Add("no error while clients poll pages", Invariant($"{page.Failed}"), page.Failed == 0);
                }

                await MeasureAsync(client, "a feed file", () => Request(new Uri(addresses["feed_server"], "feeds/paloalto_minemeld/domain.txt"), null));
                await MeasureAsync(client, "the status page", () => Request(addresses["feed_server"], null));
                await stop.CancelAsync();
                Console.WriteLine(Invariant($"  {await syncing} syncs ran meanwhile"));
                server.Refresh();
                var peak = server.PeakWorkingSet64;
                targets.Add("peak memory of the server under 300 MiB", Invariant($"{peak / 1024.0 / 1024.0:0} MiB"), peak < LargestPeak);
            }
            finally
            {
                server.Kill();
                await server.WaitForExitAsync();
            }
        }

        BenchmarkFolder.Clear(configuration);
    }

    private static async Task<(Process Server, Dictionary<string, Uri> Addresses)> StartAsync(string configuration)
    {
        var info = MeasuredProcess.StartInfo(MeasuredProcess.Beside("phishme-server"), ["-conf", configuration]);
        info.RedirectStandardError = true;
        var server = Process.Start(info)!;
        var addresses = new Dictionary<string, Uri>(StringComparer.Ordinal);
        const string Mark = "] listens at ";
        while (addresses.Count < 2)
        {
            var line = await server.StandardError.ReadLineAsync() ?? throw new InvalidOperationException("The server did not start.");
            if (line.IndexOf(Mark, StringComparison.Ordinal) is > 0 and var at)
            {
                addresses[line[(line.IndexOf('[', StringComparison.Ordinal) + 1)..at]] = new Uri(line[(at + Mark.Length)..]);
            }
        }

        _ = server.StandardError.ReadToEndAsync();
        return (server, addresses);
    }

    private static async Task<Uri?> CollectionAsync(HttpClient client, Uri server)
    {
        using var answer = await client.SendAsync(Request(new Uri(server, "intel/collections/"), _taxii));
        if (!answer.IsSuccessStatusCode)
        {
            Console.WriteLine(Invariant($"  TAXII answers {(int)answer.StatusCode}, so its pages are not measured"));
            return null;
        }

        using var collections = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
        return new Uri(server, $"intel/collections/{collections.RootElement.GetProperty("collections")[0].GetProperty("id").GetString()}/objects/");
    }

    private async Task<int> SyncAsync(SimulatorProcess simulator, string configuration, CancellationToken stop)
    {
        var ids = await simulator.ThreatsAsync();
        var syncs = 0;
        while (!stop.IsCancellationRequested)
        {
            await simulator.RepublishAsync(ids.Skip(syncs * ChangesOfEachSync % ids.Length).Take(ChangesOfEachSync));
            await phishme.SyncAsync(configuration);
            syncs++;
        }

        return syncs;
    }

    private static async Task<(double P99, int Failed)> MeasureAsync(HttpClient client, string name, Func<HttpRequestMessage> request)
    {
        var times = new double[Clients * RequestsOfEach];
        var failed = 0;
        var begin = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async number =>
        {
            for (var i = 0; i < RequestsOfEach; i++)
            {
                var start = Stopwatch.GetTimestamp();
                using var message = request();
                using var answer = await client.SendAsync(message);
                await answer.Content.ReadAsByteArrayAsync();
                times[(number * RequestsOfEach) + i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                if (!answer.IsSuccessStatusCode)
                {
                    Interlocked.Increment(ref failed);
                }
            }
        }));
        var all = Stopwatch.GetElapsedTime(begin);
        Array.Sort(times);
        var (median, p99) = (times[times.Length / 2], times[times.Length * 99 / 100]);
        Console.WriteLine(Invariant($"  {name,-30} {times.Length / all.TotalSeconds:N0}/s, median {median:0} ms, p99 {p99:0} ms, worst {times[^1]:0} ms, failed {failed}"));
        return (p99, failed);
    }

    private static HttpRequestMessage Request(Uri address, MediaTypeWithQualityHeaderValue? accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (accept is not null)
        {
            request.Headers.Accept.Add(accept);
        }

        return request;
    }
}
