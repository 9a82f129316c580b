using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace PhishMe.Benchmarks;

/// <summary>
/// The requests of a first run with JSON, CEF and STIX from the API, with as many in flight and per second as it is told: the yardstick for a pace that is
/// found. It writes nothing, and it fails when more than one in fifty requests is refused.
/// </summary>
internal static class Fixed
{
    private const double LargestRefusedShare = 0.02;

    /// <summary>The arguments with which <see cref="RunAsync"/> is started.</summary>
    public static string[] Arguments(SimulatorProcess simulator, int threats, int inFlight, int? perSecond) =>
    [
        "fixed", simulator.BaseUrl, simulator.User, simulator.Password, threats.ToString(CultureInfo.InvariantCulture),
        inFlight.ToString(CultureInfo.InvariantCulture), (perSecond ?? 0).ToString(CultureInfo.InvariantCulture),
    ];

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [var baseUrl, var user, var password, var threats, var inFlight, var perSecond])
        {
            return 2;
        }

        var parallel = int.Parse(inFlight, CultureInfo.InvariantCulture);
        var rate = int.Parse(perSecond, CultureInfo.InvariantCulture);
        using var handler = new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All, MaxConnectionsPerServer = parallel };
        using var http = new HttpClient(handler);
        http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        var begin = BenchmarkFolder.FirstDay.ToUnixTimeSeconds();
        var end = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var gate = new SemaphoreSlim(1);
        var next = DateTimeOffset.UtcNow;
        var sent = 0;
        var refused = 0;
        List<string> addresses = [];
        for (var from = begin; from < end; from += 86_400)
        {
            addresses.Add(Invariant($"POST {baseUrl}/t3/cef?beginTimestamp={from}&endTimestamp={Math.Min(from + 86_400, end)}"));
        }

        var pages = (int.Parse(threats, CultureInfo.InvariantCulture) + Floor.PageSize - 1) / Floor.PageSize;
        for (var page = 0; page < pages; page++)
        {
            var body = await AskAsync(Invariant(
                $"POST {baseUrl}/threat/search?threatType=all&beginTimestamp={begin}&endTimestamp={end}&resultsPerPage={Floor.PageSize}&page={page}"));
            using var json = JsonDocument.Parse(body);
            foreach (var threat in json.RootElement.GetProperty("data").GetProperty("threats").EnumerateArray())
            {
                var type = threat.GetProperty("threatType").GetString()!.Equals("phish", StringComparison.OrdinalIgnoreCase) ? "phish" : "malware";
                addresses.Add(Invariant($"GET {baseUrl}/t3/{type}/{threat.GetProperty("id").GetInt64()}/stix"));
            }
        }

        await Parallel.ForEachAsync(
            addresses, new ParallelOptions { MaxDegreeOfParallelism = parallel }, async (address, _) => await AskAsync(address));
        return refused <= sent * LargestRefusedShare ? 0 : 1;

        async Task<byte[]> AskAsync(string request)
        {
            while (true)
            {
                await TurnAsync();
                Interlocked.Increment(ref sent);
                try
                {
                    using var message = new HttpRequestMessage(new HttpMethod(request.Split(' ')[0]), request.Split(' ')[1]);
                    using var response = await http.SendAsync(message);
                    if (response.IsSuccessStatusCode)
                    {
                        return await response.Content.ReadAsByteArrayAsync();
                    }
                }
                catch (HttpRequestException)
                {
                    // Hung up on; it is counted with what is refused.
                }

                if (Interlocked.Increment(ref refused) > 200)
                {
                    throw new InvalidOperationException("Too many requests were refused.");
                }

                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }

        async Task TurnAsync()
        {
            if (rate == 0)
            {
                return;
            }

            await gate.WaitAsync();
            try
            {
                var now = DateTimeOffset.UtcNow;
                next = (next > now ? next : now).AddSeconds(1.0 / rate);
                if (next > now)
                {
                    await Task.Delay(next - now);
                }
            }
            finally
            {
                gate.Release();
            }
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
