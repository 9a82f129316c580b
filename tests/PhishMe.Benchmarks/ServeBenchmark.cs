using System.Diagnostics;
using System.Text;
using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>
/// phishme-server with 200 clients at once, while syncs write into its store and bad clients hang on: the time of a page of 1,000 objects, errors, memory.
/// </summary>
internal sealed class ServeBenchmark(BenchmarkFolder folder, PhishMeProgram phishme, BenchmarkOptions options, TargetList targets)
{
    private const int Clients = 200;
    private const int ChangesOfEachSync = 200;
    private const double SlowestPage = 250;
    private const long LargestPeak = 300L * 1024 * 1024;
    private const string User = "reader";
    private const string Password = "the-password-of-a-reader";

    /// <summary>One in this many readers does not accept gzip.</summary>
    private const int PlainReaders = 4;

    /// <summary>Pages that every new reader asks for first.</summary>
    private const int FirstPages = 5;

    /// <summary>How far behind the newest object those begin who follow: each object has a millisecond of its own, so these are at most five pages.</summary>
    private static readonly TimeSpan _behind = TimeSpan.FromSeconds(4.5);

    /// <summary>How long a reader that backfills works on a page: few store 500 objects a second.</summary>
    private static readonly TimeSpan _work = TimeSpan.FromSeconds(2);

    /// <summary>Between two syncs. People run one every 15 minutes.</summary>
    private static readonly TimeSpan _betweenSyncs = TimeSpan.FromSeconds(3);

    private static readonly string[] _collections = ["all", "all", "all", "all", "all", "malware-none", "malware-none", "malware-major", "phish-none", "phish-none"];

    private static readonly string _authorization = $"Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($"{User}:{Password}"))}";

    private long _newest;
    private int _syncs;

    public async Task RunAsync()
    {
        await using var simulator = await SimulatorProcess.StartAsync(options.StoreThreats, latency: 0);
        var (configuration, isNew) = folder.ConfigureKept(options.Keep, simulator, options.Concurrency, $"""

            [feed_server]
            use = True
            listen = http://127.0.0.1:0/

            [taxii_server]
            use = True
            listen = http://127.0.0.1:0/
            page_limit = {PolledPages.Full}
            retention_days = 0
            auth_basic_user = {User}
            auth_basic_pass = {Password}

            """);
        var built = await phishme.SyncAsync(configuration);
        Console.WriteLine(Invariant($"Store of {options.StoreThreats:N0} threats {(isNew ? "made" : "used again, after a sync")} in {built.Wall.TotalSeconds:0} s"));
        var (server, addresses) = await StartAsync(configuration);
        using (server)
        {
            try
            {
                await MeasureAsync(server, addresses, simulator, configuration);
            }
            finally
            {
                server.Kill();
                await server.WaitForExitAsync();
            }
        }

        if (options.Keep is null)
        {
            BenchmarkFolder.Clear(configuration);
        }
    }

    private async Task MeasureAsync(Process server, Dictionary<string, Uri> addresses, SimulatorProcess simulator, string configuration)
    {
        var root = new Uri(addresses["taxii_server"], "intel/");
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 2 * Clients, UseProxy = false });
        var (first, newest) = await LookAsync(http, root);
        _newest = newest.UtcTicks;
        Console.WriteLine(Invariant($"About {(newest - first).TotalMilliseconds:N0} objects; {Clients} clients, one in {PlainReaders} without gzip, {options.Seconds} s each"));
        using var stop = new CancellationTokenSource();
        var syncing = SyncAsync(simulator, configuration, stop.Token);
        var bad = new BadClients(addresses["taxii_server"], $"/intel/collections/all/objects/?limit={PolledPages.Full}", _authorization);
        var hanging = bad.RunAsync(stop.Token);

        // The runtime compiles the code for the first few hundred pages. A service runs for weeks.
        await MeasureAsync(
            server, "backfill, warming up", http, root, (client, number, pages, end) => BackfillAsync(client, number, first, newest, TimeSpan.Zero, pages, end), isTarget: false, share: 2);
        await MeasureAsync(server, "follow, warming up", http, root, (client, number, pages, end) => FollowAsync(client, number, pages, end), isTarget: false, share: 4);
        await MeasureAsync(server, "all follow, at once", http, root, (client, number, pages, end) => FollowAsync(client, number, pages, end));
        await MeasureAsync(
            server, "all backfill, 2 s for each page", http, root,
            (client, number, pages, end) => BackfillAsync(client, number, first, newest, _work, pages, end));
        await MeasureAsync(
            server, "all backfill, without a pause", http, root, (client, number, pages, end) => BackfillAsync(client, number, first, newest, TimeSpan.Zero, pages, end), isTarget: false);
        await StatusAsync(http, addresses["feed_server"]);
        await stop.CancelAsync();
        await Task.WhenAll(syncing, hanging);
        server.Refresh();
        var peak = server.PeakWorkingSet64;
        Console.WriteLine(Invariant($"  {_syncs} syncs of {ChangesOfEachSync} changed threats, {bad.Count}, peak of the server {peak / 1024.0 / 1024.0:0} MiB"));
        targets.Add("peak memory of the server under 300 MiB", Invariant($"{peak / 1024.0 / 1024.0:0} MiB"), peak < LargestPeak);
    }

    /// <summary>Everyone who follows asks for the same few pages: the first ones, the newest ones, and then for what came since.</summary>
    private async Task FollowAsync(TaxiiClient client, int number, PolledPages pages, CancellationToken end)
    {
        var collection = _collections[number % _collections.Length];
        while (!end.IsCancellationRequested)
        {
            await client.FollowAsync(collection, null, FirstPages, TimeSpan.Zero, pages, end);
            var from = new DateTimeOffset(Interlocked.Read(ref _newest), TimeSpan.Zero) - _behind;
            await client.FollowAsync(collection, from, int.MaxValue, TimeSpan.Zero, pages, end);
            await client.FollowAsync(collection, client.Last, int.MaxValue, TimeSpan.Zero, pages, end);
            if (collection == "all" && client.Last is DateTimeOffset last)
            {
                Advance(last.UtcTicks);
            }
        }
    }

    /// <summary>Each from a place of its own.</summary>
    private static async Task BackfillAsync(
        TaxiiClient client, int number, DateTimeOffset first, DateTimeOffset newest, TimeSpan pause, PolledPages pages, CancellationToken end)
    {
        // Those who work on their pages did not all begin in the same moment.
        await Task.Delay(pause * number / Clients, end);
        while (!end.IsCancellationRequested)
        {
            await client.FollowAsync(_collections[number % _collections.Length], first + ((newest - first) * number / Clients), int.MaxValue, pause, pages, end);
        }
    }

    private void Advance(long seen)
    {
        var known = Interlocked.Read(ref _newest);
        while (seen > known && Interlocked.CompareExchange(ref _newest, seen, known) is var found && found != known)
        {
            known = found;
        }
    }

    private async Task MeasureAsync(
        Process server, string name, HttpClient http, Uri root, Func<TaxiiClient, int, PolledPages, CancellationToken, Task> poll, bool isTarget = true, int share = 1)
    {
        var pages = new PolledPages();
        server.Refresh();
        var (cpu, syncs) = (server.TotalProcessorTime, _syncs);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(options.Seconds) / share);
        var begin = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async number =>
        {
            try
            {
                await poll(new TaxiiClient(http, root, _authorization, acceptsGzip: number % PlainReaders != 0), number, pages, end.Token);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // A page that was under way at the end is not counted.
            }
        }));
        var length = Stopwatch.GetElapsedTime(begin);
        server.Refresh();
        cpu = server.TotalProcessorTime - cpu;
        var result = pages.Sum(length);
        Console.WriteLine(Invariant($"  {name,-32}{result}; {_syncs - syncs} syncs, server {cpu.TotalSeconds / length.TotalSeconds * 100:0} % of a core, peak {server.PeakWorkingSet64 / 1024 / 1024} MiB"));
        foreach (var error in pages.Errors.Take(3))
        {
            Console.WriteLine($"    {error}");
        }

        if (isTarget)
        {
            targets.Add(Invariant($"{name}: p99 of a page of 1,000 objects under {SlowestPage} ms"), Invariant($"{result.P99:0} ms"), result.P99 < SlowestPage);
            targets.Add(Invariant($"{name}: no error"), Invariant($"{result.Errors}"), result.Errors == 0);
        }
    }

    private static async Task StatusAsync(HttpClient http, Uri address)
    {
        const int Each = 25;
        var times = new double[Clients * Each];
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async number =>
        {
            for (var i = 0; i < Each; i++)
            {
                var begin = Stopwatch.GetTimestamp();
                _ = await http.GetByteArrayAsync(address);
                times[(number * Each) + i] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            }
        }));
        Array.Sort(times);
        Console.WriteLine(Invariant($"  {"the status page",-32}{times.Length,7:N0} times: median {times[times.Length / 2]:0} ms, p99 {times[times.Length * 99 / 100]:0} ms, worst {times[^1]:0} ms"));
    }

    /// <summary>The dates added of the first and of the newest object.</summary>
    private static async Task<(DateTimeOffset First, DateTimeOffset Newest)> LookAsync(HttpClient http, Uri root)
    {
        var pages = new PolledPages();
        var client = new TaxiiClient(http, root, _authorization, acceptsGzip: true);
        await client.FollowAsync("all", null, 1, TimeSpan.Zero, pages, CancellationToken.None);
        var first = client.Last ?? throw new InvalidOperationException($"The server serves nothing: {string.Join(", ", pages.Errors)}");

        // The newest is found by halving: each object has a millisecond of its own, and few gaps are long.
        var (low, high) = (first, DateTimeOffset.UtcNow);
        while (high - low > TimeSpan.FromSeconds(1))
        {
            var middle = low + ((high - low) / 2);
            var probe = new TaxiiClient(http, root, _authorization, acceptsGzip: true);
            await probe.FollowAsync("all", middle, 1, TimeSpan.Zero, pages, CancellationToken.None);
            (low, high) = probe.Last is DateTimeOffset found ? (found > high ? high : found, high) : (low, middle);
        }

        return (first, low);
    }

    private async Task<(Process Server, Dictionary<string, Uri> Addresses)> StartAsync(string configuration)
    {
        var info = MeasuredProcess.StartInfo(phishme.ServerPath, ["-conf", configuration]);
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

    private async Task SyncAsync(SimulatorProcess simulator, string configuration, CancellationToken stop)
    {
        var ids = await simulator.ThreatsAsync();
        for (var at = 0; !stop.IsCancellationRequested; at = (at + ChangesOfEachSync) % ids.Length)
        {
            await simulator.RepublishAsync(ids.Skip(at).Take(ChangesOfEachSync));
            await phishme.SyncAsync(configuration);
            Interlocked.Increment(ref _syncs);
            try
            {
                await Task.Delay(_betweenSyncs, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
