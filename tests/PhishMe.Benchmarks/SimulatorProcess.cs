using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace PhishMe.Benchmarks;

/// <summary>The simulator in a process of its own, steered over HTTP: its memory and its processor time are not those of what is measured.</summary>
internal sealed class SimulatorProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _steering;

    private SimulatorProcess(Process process, IReadOnlyDictionary<string, string> facts)
    {
        _process = process;
        BaseUrl = facts["base_url"];
        User = facts["user"];
        Password = facts["pass"];
        _steering = new HttpClient { BaseAddress = new Uri(new Uri(BaseUrl), "/_simulator/") };
    }

    public string BaseUrl { get; }

    public string User { get; }

    public string Password { get; }

    public static async Task<SimulatorProcess> StartAsync(int threats, int latency, params string[] limits)
    {
        var process = Process.Start(MeasuredProcess.StartInfo(
            MeasuredProcess.Beside("PhishMe.Simulator"),
            [
                "--port", "0", "--threats", threats.ToString(CultureInfo.InvariantCulture), "--latency", latency.ToString(CultureInfo.InvariantCulture),
                .. limits,
            ]))!;
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        while (!facts.ContainsKey("threats"))
        {
            var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The simulator did not start.");
            if (line.Split(" = ", 2) is [string name, string value])
            {
                facts[name] = value;
            }
        }

        return new SimulatorProcess(process, facts);
    }

    public async Task<string[]> ThreatsAsync()
    {
        using var answer = JsonDocument.Parse(await _steering.GetStringAsync(new Uri("threats", UriKind.Relative)));
        return [.. answer.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetString()!)];
    }

    public async Task RepublishAsync(IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            using var response = await _steering.PostAsync(new Uri($"republish?id={id}", UriKind.Relative), content: null);
            response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>The first page of a search, as the API answers it.</summary>
    public async Task<byte[]> PageAsync(int threats)
    {
        var address = FormattableString.Invariant(
            $"{BaseUrl}/threat/search?threatType=all&beginTimestamp={BenchmarkFolder.FirstDay.ToUnixTimeSeconds()}&endTimestamp={DateTimeOffset.UtcNow.ToUnixTimeSeconds()}&resultsPerPage={threats}&page=0");
        using var message = new HttpRequestMessage(HttpMethod.Post, address);
        message.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));
        using var response = await _steering.SendAsync(message);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync();
    }

    public async Task ForgetRequestsAsync()
    {
        using var response = await _steering.PostAsync(new Uri("clear", UriKind.Relative), content: null);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Requests by route since they were last forgotten.</summary>
    public async Task<IReadOnlyDictionary<string, int>> RequestsAsync()
    {
        using var answer = JsonDocument.Parse(await _steering.GetStringAsync(new Uri("requests", UriKind.Relative)));
        return answer.RootElement.GetProperty("routes").EnumerateObject().ToDictionary(route => route.Name, route => route.Value.GetInt32());
    }

    public async ValueTask DisposeAsync()
    {
        _steering.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
