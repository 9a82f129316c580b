using System.Text;
using System.Text.Json.Nodes;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Simulator;

/// <summary>A simulated product behind a socket, and a client that knows nothing of our own.</summary>
internal sealed class ProductCaller : IAsyncDisposable
{
    private readonly HttpClient _client = new();

    private ProductCaller(ProductServer server) => Server = server;

    public ProductServer Server { get; }

    public static async Task<ProductCaller> StartAsync(ISimulatedProduct product, string header, string value)
    {
        var caller = new ProductCaller(await ProductServer.StartAsync(product));
        caller.Use(header, value);
        return caller;
    }

    /// <summary>Calls with this header from now on.</summary>
    public void Use(string header, string value)
    {
        _client.DefaultRequestHeaders.Remove(header);
        _client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
    }

    public Task<(int Status, JsonNode? Json)> GetAsync(string pathAndQuery) => SendAsync(HttpMethod.Get, pathAndQuery, null);

    public Task<(int Status, JsonNode? Json)> PostAsync(string pathAndQuery, string json) => SendAsync(HttpMethod.Post, pathAndQuery, Content(json));

    public Task<(int Status, JsonNode? Json)> PatchAsync(string pathAndQuery, string json) => SendAsync(HttpMethod.Patch, pathAndQuery, Content(json));

    public async Task<(int Status, JsonNode? Json)> FormAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await SendAsync(HttpMethod.Post, path, form);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Server.DisposeAsync();
    }

    private static StringContent Content(string json)
    {
        var content = new StringContent(json, Encoding.UTF8);
        content.Headers.ContentType = new("application/json");
        return content;
    }

    private async Task<(int Status, JsonNode? Json)> SendAsync(HttpMethod method, string pathAndQuery, HttpContent? content)
    {
        var stop = TestContext.Current.CancellationToken;
        using var request = new HttpRequestMessage(method, new Uri(Server.Address, pathAndQuery)) { Content = content };
        using var response = await _client.SendAsync(request, stop);
        var text = await response.Content.ReadAsStringAsync(stop);
        return ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonNode.Parse(text) : null);
    }
}
