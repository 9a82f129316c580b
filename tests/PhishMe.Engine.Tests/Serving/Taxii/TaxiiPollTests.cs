using System.Net;
using System.Text.Json;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Running;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Storage;
using PhishMe.Engine.Tests.Storage.PostgreSql;
using PhishMe.Intelligence;
using PhishMe.Server;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Serving.Taxii;

/// <summary>From the API to a reader: runs fill the store, and a client polls over HTTP as EclecticIQ does.</summary>
public abstract class TaxiiPollTests(StateBackendKind backend)
{
    private const string User = "reader";
    private const string Password = "the-password-of-a-reader";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_discovers_polls_from_a_date_and_goes_on_where_it_was()
    {
        await using var simulator = await StartAsync(40);
        using var installation = Installed(simulator);
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        await using var server = await ServeAsync(installation);
        using var client = Client(server, User, Password);
        var root = (await GetAsync(client, "/taxii2/")).Body.GetProperty("default").GetString()!;
        var collection = (await GetAsync(client, $"{root}collections/")).Body.GetProperty("collections").EnumerateArray().Single(one => one.GetProperty("alias").GetString() == "all").Id();
        var objects = new Dictionary<string, JsonElement>();

        var last = await PollAsync("2026-01-01T00:00:00.000Z");
        Assert.True(objects.Values.Count(item => item.Type() == "report") > 30);
        Assert.Null(await PollAsync(last!));
        var withdrawn = simulator.Threats[3];
        simulator.Withdraw($"{withdrawn.Type[0]}_{withdrawn.Id}".ToLowerInvariant());
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        objects.Clear();
        Assert.NotNull(await PollAsync(last!));

        Assert.Equal(1, objects.Values.Count(item => item.Type() == "report"));
        Assert.All(objects.Values.Where(item => item.Type() != "malware"), item => Assert.True(item.IsRevoked()));

        async Task<string?> PollAsync(string after)
        {
            string? newest = null, next = null;
            do
            {
                var (page, date) = await GetAsync(client, $"{root}collections/{collection}/objects/?added_after={Uri.EscapeDataString(after)}&limit=100{(next is null ? string.Empty : $"&next={next}")}");
                newest = date ?? newest;
                foreach (var item in page.TryGetProperty("objects", out var items) ? items.EnumerateArray().ToArray() : [])
                {
                    Assert.True(objects.TryAdd(item.Id(), item), $"{item.Id()} came twice.");
                }

                next = page.TryGetProperty("next", out var more) ? more.GetString() : null;
            }
            while (next is not null);
            return newest;
        }
    }

    [Fact]
    [Trait("Case", "T27")]
    public async Task Every_answer_is_in_the_type_of_taxii()
    {
        await using var simulator = await StartAsync(3);
        using var installation = Installed(simulator);
        await installation.RunAsync();
        await using var server = await ServeAsync(installation);
        using var client = Client(server, User, Password);
        using var stranger = Client(server, User, "wrong");

        await AssertAsync(client, "/intel/collections/all/objects/?limit=1", HttpStatusCode.OK);
        await AssertAsync(client, "/intel/collections/all/objects/?limit=x", HttpStatusCode.BadRequest);
        await AssertAsync(client, "/intel/collections/none/", HttpStatusCode.NotFound);
        await AssertAsync(client, "/intel/collections/all/objects/%2e%2e%2f%2e%2e/", HttpStatusCode.NotFound);
        await AssertAsync(client, "/somewhere/else", HttpStatusCode.NotFound);
        await AssertAsync(client, "/taxii2/", HttpStatusCode.NotAcceptable, accept: "application/vnd.oasis.taxii+json; version=2.0");
        await AssertAsync(client, "/intel/collections/all/objects/", HttpStatusCode.Forbidden, HttpMethod.Post);
        var refused = await AssertAsync(stranger, "/taxii2/", HttpStatusCode.Unauthorized);
        Assert.Equal("Basic", Assert.Single(refused.Headers.WwwAuthenticate).Scheme);
        using var head = new HttpRequestMessage(HttpMethod.Head, "/intel/collections/all/objects/");
        using var answer = await client.SendAsync(head, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Stop));
    }

    [Fact]
    [Trait("Case", "T21")]
    public async Task A_store_that_cannot_be_read_is_503_and_comes_back_by_itself()
    {
        await using var simulator = await StartAsync(3);
        using var installation = Installed(simulator);
        await using var server = await ServeAsync(installation);
        using var client = Client(server, User, Password);
        await AssertAsync(client, "/intel/collections/all/objects/", HttpStatusCode.ServiceUnavailable);

        await installation.RunAsync();

        await AssertAsync(client, "/intel/collections/all/objects/", HttpStatusCode.OK);
    }

    private static Task<ThreatHqSimulator> StartAsync(int threats) =>
        ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = threats, From = DateTimeOffset.UtcNow.AddDays(-30), To = DateTimeOffset.UtcNow.AddHours(-1) }, Stop);

    private Installation Installed(ThreatHqSimulator simulator) => new Installation(simulator)
        .Set("pm_api", "init_date", DateTimeOffset.UtcNow.AddDays(-40).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture))
        .Set("taxii_server", "use", "True").Set("taxii_server", "listen", "http://127.0.0.1:0/")
        .Set("taxii_server", "auth_basic_user", User).Set("taxii_server", "auth_basic_pass", Password)
        .Set("state", "connection", backend == StateBackendKind.Sqlite ? string.Empty : PostgreSqlServer.Shared.NewState().Connection).Save();

    private static async Task<PhishMeServer> ServeAsync(Installation installation)
    {
        var engine = new EngineSettings();
        var settings = ConfigurationReader.Read(installation.ConfigurationPath, engine.Reading).Settings!;
        return await PhishMeServer.StartAsync(new ServedInstallation(engine, settings), new Diary(TextWriter.Null, engine.Clock), Stop);
    }

    private static HttpClient Client(PhishMeServer server, string user, string password)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.TaxiiAddress };
        client.DefaultRequestHeaders.Authorization = ServedFolder.Basic(user, password);
        return client;
    }

    private static async Task<(JsonElement Body, string? Last)> GetAsync(HttpClient client, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept", "application/taxii+json;version=2.1");
        using var answer = await client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (
            JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop)).RootElement,
            answer.Headers.TryGetValues("X-TAXII-Date-Added-Last", out var dates) ? dates.Single() : null);
    }

    private static async Task<HttpResponseMessage> AssertAsync(
        HttpClient client, string address, HttpStatusCode status, HttpMethod? method = null, string? accept = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, address);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        var answer = await client.SendAsync(request, Stop);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/taxii+json;version=2.1", answer.Content.Headers.GetValues("Content-Type").Single().Replace(" ", string.Empty, StringComparison.Ordinal));
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));
        Assert.Equal((int)status >= 400, body.RootElement.TryGetProperty("http_status", out _));
        return answer;
    }
}

/// <summary>In a file.</summary>
public sealed class SqliteTaxiiPollTests() : TaxiiPollTests(StateBackendKind.Sqlite);

/// <summary>In a database that hosts share.</summary>
public sealed class PostgreSqlTaxiiPollTests() : TaxiiPollTests(StateBackendKind.PostgreSql);
