using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PhishMe.Benchmarks;

/// <summary>
/// The work of the script that people migrate from, as its documentation describes it (reference/api.md §4): one request at a time, each over a connection of
/// its own; CEF by windows of a day, then pages of threats, and one STIX package per threat; files are written without being flushed.
/// </summary>
internal static class Serial
{
    /// <summary>Runs it as a process.</summary>
    public static Task<Measured> MeasureAsync(SimulatorProcess simulator, string folder, params string[] formats) =>
        MeasuredProcess.RunAsync(MeasuredProcess.Beside("PhishMe.Benchmarks"), ["serial", simulator.BaseUrl, simulator.User, simulator.Password, folder, .. formats]);

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [var baseUrl, var user, var password, var folder, .. var formats])
        {
            return 2;
        }

        var authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        var begin = BenchmarkFolder.FirstDay.ToUnixTimeSeconds();
        var end = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        foreach (var format in formats)
        {
            Directory.CreateDirectory(Path.Combine(folder, format));
        }

        if (formats.Contains("cef"))
        {
            await using var append = File.Create(Path.Combine(folder, "all.cef"));
            for (var from = begin; from < end; from += 86_400)
            {
                var to = Math.Min(from + 86_400, end);
                foreach (var line in Encoding.UTF8.GetString(await AskAsync(HttpMethod.Post, At($"/t3/cef?beginTimestamp={from}&endTimestamp={to}"))).Split('\n'))
                {
                    var at = line.IndexOf("externalId=", StringComparison.Ordinal);
                    if (at >= 0)
                    {
                        var id = line[(at + "externalId=".Length)..].Split(' ')[0];
                        await append.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
                        await File.WriteAllTextAsync(Path.Combine(folder, "cef", id + ".cef"), line + "\n");
                    }
                }
            }
        }

        if (formats.Contains("json") || formats.Contains("stix"))
        {
            await PagesAsync();
        }

        await AskAsync(HttpMethod.Post, At($"/threat/updates?timestamp={end}"));
        return 0;

        async Task PagesAsync()
        {
            await using var json = File.Create(Path.Combine(folder, "all.json"));
            await using var stix = File.Create(Path.Combine(folder, "all.xml"));
            var pages = 1;
            for (var page = 0; page < pages; page++)
            {
                var body = await AskAsync(
                    HttpMethod.Post,
                    At($"/threat/search?threatType=all&beginTimestamp={begin}&endTimestamp={end}&resultsPerPage={Floor.PageSize}&page={page}"));
                var data = JsonNode.Parse(body)!["data"]!;
                pages = data["page"]!["totalPages"]!.GetValue<int>();
                foreach (var threat in data["threats"]!.AsArray().OfType<JsonObject>())
                {
                    if (formats.Contains("json"))
                    {
                        var text = JsonSerializer.SerializeToUtf8Bytes(threat, Indented);
                        await json.WriteAsync(text);
                        await File.WriteAllBytesAsync(Path.Combine(folder, "json", $"{threat["id"]}.json"), text);
                    }
                }

                foreach (var threat in formats.Contains("stix") ? data["threats"]!.AsArray().OfType<JsonObject>() : [])
                {
                    var type = threat["threatType"]!.GetValue<string>().Equals("phish", StringComparison.OrdinalIgnoreCase) ? "phish" : "malware";
                    var package = await AskAsync(HttpMethod.Get, At($"/t3/{type}/{threat["id"]}/stix"));
                    await stix.WriteAsync(package);
                    await File.WriteAllBytesAsync(Path.Combine(folder, "stix", $"{threat["id"]}.xml"), package);
                }
            }
        }

        string At(FormattableString path) => baseUrl + path.ToString(CultureInfo.InvariantCulture);

        async Task<byte[]> AskAsync(HttpMethod method, string address)
        {
            using var http = new HttpClient();
            http.DefaultRequestHeaders.Authorization = authorization;
            http.DefaultRequestHeaders.ConnectionClose = true;
            using var request = new HttpRequestMessage(method, address);
            using var response = await http.SendAsync(request);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadAsByteArrayAsync();
        }
    }

    private static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true };
}
