using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Simulator;

public sealed class SoarServiceTests
{
    private const string Container =
        """{"name":"threat_1","label":"events","source_data_identifier":"m_1","artifacts":[{"name":"A","source_data_identifier":"a","severity":"high"}]}""";

    private readonly SoarService _service = new("token");

    [Theory]
    [InlineData("token", 200)]
    [InlineData("other", 401)]
    public async Task The_token_is_in_the_header(string token, int status)
    {
        await using var caller = await ProductCaller.StartAsync(_service, "ph-auth-token", token);

        Assert.Equal(status, (await caller.GetAsync("/rest/container_options")).Status);
    }

    [Fact]
    public async Task A_second_container_of_one_identifier_is_refused_with_the_id_of_the_first()
    {
        await using var caller = await CallerAsync();

        var first = await caller.PostAsync("/rest/container", Container);
        var second = await caller.PostAsync("/rest/container", Container);

        Assert.Equal((200, true), (first.Status, (bool)first.Json!["success"]!));
        Assert.Equal((400, true, 1), (second.Status, (bool)second.Json!["failed"]!, (int)second.Json["existing_container_id"]!));
        Assert.StartsWith("duplicate", (string?)second.Json["message"], StringComparison.Ordinal);
        Assert.Equal((1, 1), (Assert.Single(_service.Containers).Artifacts.Count, _service.Containers[0].Runs));
    }

    [Fact]
    public async Task Artifacts_posted_by_themselves_are_not_compared_and_run_when_they_say_so()
    {
        await using var caller = await CallerAsync();
        await caller.PostAsync("/rest/container", Container);

        await caller.PostAsync("/rest/artifact", """{"container_id":1,"name":"A","source_data_identifier":"a","run_automation":false}""");
        await caller.PostAsync("/rest/artifact", """{"container_id":1,"name":"A","source_data_identifier":"a","run_automation":true}""");

        Assert.Equal((3, 2), (_service.Containers[0].Artifacts.Count, _service.Containers[0].Runs));
        var (_, json) = await caller.GetAsync("/rest/artifact?_filter_container_id=1&_filter_source_data_identifier=%22a%22&page_size=2&page=1");
        Assert.Equal((3, 2, 1), ((int)json!["count"]!, (int)json["num_pages"]!, json["data"]!.AsArray().Count));
    }

    [Fact]
    public async Task A_label_has_to_exist()
    {
        await using var caller = await CallerAsync();

        Assert.Equal(400, (await caller.PostAsync("/rest/container", Container.Replace("\"events\"", "\"other\"", StringComparison.Ordinal))).Status);
        Assert.Empty(_service.Containers);
    }

    [Fact]
    public async Task A_container_is_closed_and_tagged()
    {
        await using var caller = await CallerAsync();
        await caller.PostAsync("/rest/container", Container);

        await caller.PostAsync("/rest/container/1", """{"status":"closed","tags":["gone"]}""");

        Assert.Equal("closed", _service.Containers[0].Status);
        Assert.Equal(["gone"], _service.Containers[0].Tags);
    }

    private Task<ProductCaller> CallerAsync() => ProductCaller.StartAsync(_service, "ph-auth-token", "token");
}
