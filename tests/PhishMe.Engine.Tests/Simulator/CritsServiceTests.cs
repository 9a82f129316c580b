using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Simulator;

public sealed class CritsServiceTests
{
    private static readonly (string, string)[] _domain =
        [("type", "Domain"), ("value", "Bad.example"), ("threat_type", "Malicious Domain"), ("source", "us"), ("indicator_impact", "medium"), ("campaign", "A")];

    private readonly CritsService _crits = new("user", "key") { Poison = "poison" };

    [Theory]
    [InlineData("ApiKey user:key", 200)]
    [InlineData("ApiKey user:other", 401)]
    [InlineData("apikey user:key", 401)]
    [InlineData("Basic dXNlcjprZXk=", 401)]
    public async Task The_key_is_in_the_header(string value, int status)
    {
        await using var caller = await ProductCaller.StartAsync(_crits, "Authorization", value);

        Assert.Equal(status, (await caller.GetAsync("/api/v1/campaigns/?limit=1")).Status);
    }

    [Fact]
    public async Task Two_hundred_is_no_success()
    {
        await using var caller = await CallerAsync();

        var (status, json) = await caller.FormAsync("/api/v1/indicators/", ("type", "Domain"), ("value", "poison.example"), ("source", "us"));

        Assert.Equal((200, 1), (status, (int)json!["return_code"]!));
        Assert.Equal(1, (int)(await caller.FormAsync("/api/v1/indicators/", ("type", "No such type"), ("value", "x"), ("source", "us"))).Json!["return_code"]!);
        Assert.Equal(1, (int)(await caller.FormAsync("/api/v1/indicators/", ("type", "Domain"), ("value", "x.example"))).Json!["return_code"]!);
        Assert.Empty(_crits.Indicators);
    }

    [Fact]
    public async Task A_post_again_is_one_indicator_with_one_more_instance_of_its_source()
    {
        await using var caller = await CallerAsync();
        await caller.FormAsync("/api/v1/campaigns/", ("name", "A"));

        await caller.FormAsync("/api/v1/indicators/", _domain);
        await caller.FormAsync("/api/v1/indicators/", [.. _domain.Select(field => field.Item1 == "indicator_impact" ? (field.Item1, "low") : field)]);

        var ((type, value), indicator) = Assert.Single(_crits.Indicators);
        Assert.Equal(("Domain", "bad.example", 2, "medium"), (type, value, indicator.Sources["us"], indicator.Impact));
        Assert.Equal(0, _crits.BeforeTheirCampaign);
    }

    [Fact]
    public async Task What_comes_before_its_campaign_is_noticed()
    {
        await using var caller = await CallerAsync();

        await caller.FormAsync("/api/v1/indicators/", _domain);

        Assert.Equal(1, _crits.BeforeTheirCampaign);
    }

    [Fact]
    public async Task An_indicator_is_found_by_its_value_and_its_status_changed()
    {
        await using var caller = await CallerAsync();
        await caller.FormAsync("/api/v1/indicators/", _domain);

        var found = (await caller.GetAsync("/api/v1/indicators/?c-type=Domain&c-value=bad.example")).Json!["objects"]![0]!;
        var (_, json) = await caller.PatchAsync($"/api/v1/indicators/{found["_id"]}/", """{"action":"status_update","value":"Deprecated"}""");

        Assert.Equal(0, (int)json!["return_code"]!);
        Assert.Equal("Deprecated", _crits.Indicators.Values.Single().Status);
        Assert.Equal(1, (int)(await caller.PatchAsync($"/api/v1/indicators/{found["_id"]}/", """{"action":"status_update","value":"Gone"}""")).Json!["return_code"]!);
    }

    [Fact]
    public async Task A_file_needs_its_md5()
    {
        await using var caller = await CallerAsync();

        Assert.Equal(1, (int)(await caller.FormAsync("/api/v1/samples/", ("upload_type", "metadata"), ("md5", "xyz"), ("source", "us"))).Json!["return_code"]!);
        Assert.Equal(0, (int)(await caller.FormAsync(
            "/api/v1/samples/", ("upload_type", "metadata"), ("md5", new string('a', 32)), ("source", "us"))).Json!["return_code"]!);
        Assert.Single(_crits.Samples);
    }

    private Task<ProductCaller> CallerAsync() => ProductCaller.StartAsync(_crits, "Authorization", "ApiKey user:key");
}
