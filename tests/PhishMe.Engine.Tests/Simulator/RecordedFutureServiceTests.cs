using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Simulator;

public sealed class RecordedFutureServiceTests
{
    private readonly RecordedFutureService _service = new("token") { Unknown = "nowhere", LargestList = 2 };

    [Theory]
    [InlineData("token", 200)]
    [InlineData("other", 401)]
    public async Task The_token_is_in_the_header(string token, int status)
    {
        await using var caller = await ProductCaller.StartAsync(_service, "X-RFToken", token);

        Assert.Equal(status, (await caller.PostAsync("/list/search", """{"name":"x"}""")).Status);
    }

    [Fact]
    public async Task An_entity_is_added_once_and_removed_once()
    {
        await using var caller = await CallerAsync();
        var id = await CreateAsync(caller);

        Assert.Equal("added", await ChangeAsync(caller, id, "add", "ip:192.0.2.1"));
        Assert.Equal("unchanged", await ChangeAsync(caller, id, "add", "ip:192.0.2.1"));
        Assert.Single(_service.Lists["ours"]);
        Assert.Equal("removed", await ChangeAsync(caller, id, "remove", "ip:192.0.2.1"));
        Assert.Equal("unchanged", await ChangeAsync(caller, id, "remove", "ip:192.0.2.1"));
        Assert.Empty(_service.Lists["ours"]);
    }

    [Fact]
    public async Task An_entity_that_does_not_exist_and_one_too_many_are_refused()
    {
        await using var caller = await CallerAsync();
        var id = await CreateAsync(caller);

        Assert.Equal(404, (await caller.PostAsync($"/list/{id}/entity/add", """{"entity":{"id":"idn:nowhere.example"}}""")).Status);
        Assert.Equal(400, (await caller.PostAsync($"/list/{id}/entity/add", """{"entity":{"id":"nowhere"}}""")).Status);
        await ChangeAsync(caller, id, "add", "ip:192.0.2.1");
        await ChangeAsync(caller, id, "add", "ip:192.0.2.2");
        Assert.Equal(400, (await caller.PostAsync($"/list/{id}/entity/add", """{"entity":{"id":"ip:192.0.2.3"}}""")).Status);
    }

    [Fact]
    public async Task A_search_finds_names_by_part_and_a_reader_may_not_write()
    {
        _service.AddOfOther("ours and theirs");
        await using var caller = await CallerAsync();
        var id = await CreateAsync(caller);

        Assert.Equal(2, (await caller.PostAsync("/list/search", """{"name":"ours"}""")).Json!.AsArray().Count);
        _service.IsReadOnly = true;
        Assert.Equal(403, (await caller.PostAsync($"/list/{id}/entity/add", """{"entity":{"id":"ip:192.0.2.1"}}""")).Status);
    }

    private Task<ProductCaller> CallerAsync() => ProductCaller.StartAsync(_service, "X-RFToken", "token");

    private static async Task<string> CreateAsync(ProductCaller caller) =>
        (string)(await caller.PostAsync("/list/create", """{"name":"ours","type":"entity"}""")).Json!["id"]!;

    private static async Task<string?> ChangeAsync(ProductCaller caller, string list, string change, string entity) =>
        (string?)(await caller.PostAsync($"/list/{list}/entity/{change}", $$$"""{"entity":{"id":"{{{entity}}}"}}""")).Json!["result"];
}
