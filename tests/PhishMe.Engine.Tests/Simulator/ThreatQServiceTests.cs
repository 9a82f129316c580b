using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Simulator;

public sealed class ThreatQServiceTests
{
    private const int Domain = 3;

    private readonly ThreatQService _service = new("user@example.org", "password", "client") { Poison = "poison" };

    [Theory]
    [InlineData("""{"grant_type":"password","email":"user@example.org","password":"password","client_id":"client"}""", 200)]
    [InlineData("""{"grant_type":"client_credentials","client_id":"client","client_secret":"password"}""", 200)]
    [InlineData("""{"grant_type":"password","email":"user@example.org","password":"wrong","client_id":"client"}""", 401)]
    [InlineData("""{"grant_type":"password","email":"user@example.org","password":"password","client_id":"other"}""", 401)]
    public async Task A_token_is_given_to_those_who_may_have_it(string request, int status)
    {
        await using var caller = await ProductCaller.StartAsync(_service, "Accept", "application/json");

        Assert.Equal(status, (await caller.PostAsync("/api/token", request)).Status);
        Assert.Equal(401, (await caller.GetAsync("/api/indicator/types")).Status);
    }

    [Fact]
    public async Task A_token_ends()
    {
        await using var caller = await CallerAsync();
        Assert.Equal(200, (await caller.GetAsync("/api/indicator/types")).Status);

        _service.EndTokens();

        Assert.Equal(401, (await caller.GetAsync("/api/indicator/types")).Status);
    }

    [Fact]
    public async Task The_status_follows_the_three_rules()
    {
        _service.AddProtected("FQDN", "kept.example", "Whitelisted");
        await using var caller = await CallerAsync();

        var (_, json) = await ConsumeAsync(caller, "none.example", null, "kept.example", 1, "twice.example", 1, "twice.example", 2);

        Assert.Equal(["Indirect", "Whitelisted", "Expired"], Names("none.example", "kept.example", "twice.example").Select(name => _service.Indicators[("FQDN", name)].Status));
        Assert.Equal([3, 5, 1, 2], json!["data"]!.AsArray().Select(item => (int)item!["status_id"]!));
    }

    [Fact]
    public async Task Attributes_that_come_again_are_there_twice_and_an_error_stands_within_a_success()
    {
        await using var caller = await CallerAsync();
        var item = """{"value":"a.example","type_id":3,"status_id":1,"attributes":[{"name":"Impact","value":"Major"}]}""";

        await caller.PostAsync("/api/indicators/consume?normalize=Y", $"[{item}]");
        var (status, json) = await caller.PostAsync("/api/indicators/consume?normalize=Y", $$"""[{{item}},{"value":"poison.example","type_id":3}]""");

        Assert.Equal(201, status);
        Assert.NotNull(json!["errors"]!["1"]);
        Assert.Single(json["data"]!.AsArray());
        Assert.Equal(2, _service.Indicators[("FQDN", "a.example")].Attributes.Count);
    }

    private static string[] Names(params string[] names) => names;

    private static Task<(int Status, System.Text.Json.Nodes.JsonNode? Json)> ConsumeAsync(ProductCaller caller, params object?[] valuesAndStatuses) =>
        caller.PostAsync("/api/indicators/consume?normalize=Y", "[" + string.Join(',', valuesAndStatuses.Chunk(2).Select(pair =>
            $$"""{"value":"{{pair[0]}}","type_id":{{Domain}}{{(pair[1] is null ? "" : $",\"status_id\":{pair[1]}")}}}""")) + "]");

    private async Task<ProductCaller> CallerAsync()
    {
        var caller = await ProductCaller.StartAsync(_service, "Accept", "application/json");
        var (_, json) = await caller.PostAsync("/api/token", """{"grant_type":"password","email":"user@example.org","password":"password","client_id":"client"}""");
        caller.Use("Authorization", $"Bearer {json!["access_token"]}");
        return caller;
    }
}
