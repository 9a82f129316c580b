using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Simulator;

public sealed class ThreatStreamServiceTests
{
    private readonly ThreatStreamService _service = new("user", "key") { LargestBatch = 5 };

    [Theory]
    [InlineData("apikey user:key", 200)]
    [InlineData("ApiKey user:key", 401)]
    [InlineData("apikey user:other", 401)]
    public async Task The_key_is_in_the_header(string value, int status)
    {
        await using var caller = await ProductCaller.StartAsync(_service, "Authorization", value);

        Assert.Equal(status, (await caller.GetAsync("/api/v2/intelligence/?limit=1")).Status);
    }

    [Fact]
    public async Task What_is_accepted_is_there_when_it_was_worked_off()
    {
        await using var caller = await CallerAsync();
        _service.IsProcessing = false;

        Assert.Equal(202, (await SendAsync(caller, """{"domain":"bad.example","itype":"c2_domain","severity":"high"}""")).Status);
        Assert.Equal(0, (int)(await caller.GetAsync("/api/v2/intelligence/?value=bad.example")).Json!["meta"]!["total_count"]!);

        _service.IsProcessing = true;
        Assert.Equal(1, (int)(await caller.GetAsync("/api/v2/intelligence/?value=bad.example")).Json!["meta"]!["total_count"]!);
        Assert.Equal("private", (string?)_service.Observables.Values.Single()["classification"]);
    }

    [Theory]
    [InlineData("""{"domain":"bad.example","severity":"high"}""")]
    [InlineData("""{"domain":"bad.example","itype":"c2_ip","severity":"high"}""")]
    [InlineData("""{"domain":"bad.example","srcip":"192.0.2.1","itype":"c2_ip","severity":"high"}""")]
    [InlineData("""{"domain":"bad.example","itype":"c2_domain","severity":"worst"}""")]
    [InlineData("""{"md5":"aa","itype":"mal_md5","severity":"high"}""")]
    public async Task What_does_not_fit_is_dropped_without_a_word(string observable)
    {
        await using var caller = await CallerAsync();

        Assert.Equal(202, (await SendAsync(caller, observable)).Status);
        await caller.GetAsync("/api/v2/intelligence/");

        Assert.Empty(_service.Observables);
        Assert.Equal(1, _service.Dropped);
    }

    [Fact]
    public async Task A_value_again_is_the_same_observable()
    {
        await using var caller = await CallerAsync();

        await SendAsync(caller, """{"domain":"bad.example","itype":"c2_domain","severity":"high"}""");
        await SendAsync(caller, """{"domain":"bad.example","itype":"c2_domain","severity":"low"}""");
        await caller.GetAsync("/api/v2/intelligence/");

        Assert.Equal("low", (string?)Assert.Single(_service.Observables).Value["severity"]);
    }

    [Fact]
    public async Task Too_many_at_once_are_refused()
    {
        await using var caller = await CallerAsync();
        var one = """{"domain":"bad.example","itype":"c2_domain","severity":"high"}""";

        Assert.Equal(400, (await SendAsync(caller, string.Join(',', Enumerable.Repeat(one, 6)))).Status);
    }

    private Task<ProductCaller> CallerAsync() => ProductCaller.StartAsync(_service, "Authorization", "apikey user:key");

    private static Task<(int Status, System.Text.Json.Nodes.JsonNode? Json)> SendAsync(ProductCaller caller, string observables) =>
        caller.PatchAsync("/api/v1/intelligence/", $$"""{"meta":{"classification":"private","allow_unresolved":true},"objects":[{{observables}}]}""");
}
