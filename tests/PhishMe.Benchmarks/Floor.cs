using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace PhishMe.Benchmarks;

/// <summary>
/// The least that any backfill must do: downloads the same pages with the same concurrency and writes the bytes to one file, in the order in
/// which they come. Parses nothing, checks nothing, flushes nothing.
/// </summary>
internal static class Floor
{
    public const int PageSize = 100;

    private static string[] Arguments(SimulatorProcess simulator, int threats, int concurrency, string file) =>
    [
        "floor", simulator.BaseUrl, simulator.User, simulator.Password,
        ((threats + PageSize - 1) / PageSize).ToString(CultureInfo.InvariantCulture), concurrency.ToString(CultureInfo.InvariantCulture), file,
    ];

    /// <summary>Runs it as a process.</summary>
    /// <param name="simulator">The API.</param>
    /// <param name="threats">How many it has.</param>
    /// <param name="concurrency">Requests at the same time.</param>
    /// <param name="file">Takes the bytes; removed afterwards.</param>
    public static async Task<Measured> MeasureAsync(SimulatorProcess simulator, int threats, int concurrency, string file)
    {
        var floor = await MeasuredProcess.RunAsync(MeasuredProcess.Beside("PhishMe.Benchmarks"), Arguments(simulator, threats, concurrency, file));
        File.Delete(file);
        return floor;
    }

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [string baseUrl, string user, string password, string pages, string concurrency, string path])
        {
            return 2;
        }

        var parallel = int.Parse(concurrency, CultureInfo.InvariantCulture);
        using var handler = new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All, MaxConnectionsPerServer = parallel };
        using var http = new HttpClient(handler);
        http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        var begin = BenchmarkFolder.FirstDay.ToUnixTimeSeconds();
        var end = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        long written = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, int.Parse(pages, CultureInfo.InvariantCulture)),
            new ParallelOptions { MaxDegreeOfParallelism = parallel },
            async (page, token) =>
            {
                var address = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{baseUrl}/threat/search?threatType=all&beginTimestamp={begin}&endTimestamp={end}&resultsPerPage={PageSize}&page={page}");
                using var response = await http.PostAsync(new Uri(address), content: null, token);
                response.EnsureSuccessStatusCode();
                var body = await response.Content.ReadAsByteArrayAsync(token);
                var offset = Interlocked.Add(ref written, body.Length) - body.Length;
                await RandomAccess.WriteAsync(file, body, offset, token);
            });
        Console.WriteLine(written);
        return 0;
    }
}
