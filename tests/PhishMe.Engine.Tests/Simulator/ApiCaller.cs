using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Simulator;

/// <summary>Talks to a simulator as plainly as can be: no retry, no decompression unless asked for.</summary>
internal sealed class ApiCaller : IDisposable
{
    private readonly HttpClient _client;
    private readonly ThreatHqSimulator _simulator;

    public ApiCaller(ThreatHqSimulator simulator, bool gzip = false)
    {
        _simulator = simulator;
        var handler = new SocketsHttpHandler { AutomaticDecompression = gzip ? DecompressionMethods.GZip : DecompressionMethods.None };
        _client = new HttpClient(handler);
        Authorize(simulator.User, simulator.Password);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Authorize(string user, string password) =>
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string pathAndQuery, HttpContent? content = null) =>
        _client.SendAsync(new HttpRequestMessage(method, _simulator.BaseUri.AbsoluteUri + pathAndQuery) { Content = content }, Cancellation);

    public async Task<string> TextAsync(string pathAndQuery)
    {
        using var response = await SendAsync(HttpMethod.Get, pathAndQuery);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }

    /// <summary><c>data</c> of a successful POST.</summary>
    public async Task<JsonElement> DataAsync(string pathAndQuery)
    {
        using var response = await SendAsync(HttpMethod.Post, pathAndQuery);
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, body);
        var envelope = JsonDocument.Parse(body).RootElement;
        Assert.True(envelope.GetProperty("success").GetBoolean());
        return envelope.GetProperty("data");
    }

    /// <summary>Status and message of a refused POST.</summary>
    public async Task<(HttpStatusCode Status, string Message)> ProblemAsync(string pathAndQuery)
    {
        using var response = await SendAsync(HttpMethod.Post, pathAndQuery);
        var envelope = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!;
        Assert.False(envelope["success"]!.GetValue<bool>());
        return (response.StatusCode, envelope["data"]!["exception"]!.GetValue<string>());
    }

    public async Task<HttpStatusCode> StatusAsync(string pathAndQuery)
    {
        using var response = await SendAsync(HttpMethod.Post, pathAndQuery);
        return response.StatusCode;
    }

    public static string Name(JsonElement threat) =>
        (threat.GetProperty("threatType").GetString()!.Equals("MALWARE", StringComparison.OrdinalIgnoreCase) ? "m_" : "p_") + threat.GetProperty("id").GetInt64();

    public void Dispose() => _client.Dispose();
}
