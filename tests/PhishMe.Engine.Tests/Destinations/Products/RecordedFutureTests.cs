using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

public sealed class RecordedFutureTests : ProductRunScenarios
{
    private const string Token = "the-token-of-a-test-0123456789";

    private readonly RecordedFutureService _service = new(Token) { Unknown = Poison };

    protected override ISimulatedProduct Product => _service;

    protected override void MakeReadOnly()
    {
        _service.AddOfOther("Ours (malware)");
        _service.IsReadOnly = true;
    }

    protected override string Section => "integration_recorded_future";

    protected override (string Key, string Value) Secret => ("api_token", Token);

    protected override IEnumerable<(string Key, string Value)> Settings => [("list_name", "Ours"), ("kinds", "ipv4,domain,url,md5,sha256")];

    protected override IEnumerable<string> Held => _service.Lists.SelectMany(list => list.Value.Select(entity => $"{list.Key} {entity}"));

    protected override IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values) => values.SelectMany(value =>
        value == Md5 ? (IEnumerable<string>)[$"hash:{value}", $"hash:{Sha256}"]
        : value.Contains("://", StringComparison.Ordinal) ? [$"url:{value}"]
        : char.IsAsciiDigit(value[0]) ? [$"ip:{value}"]
        : [$"idn:{value}"]).Select(entity => $"Ours ({(threat[0] == 'm' ? "malware" : "phish")}) {entity}");

    protected override bool IsWrite(ProductRequest request) => request.Path.Contains("/entity/", StringComparison.Ordinal);

    [Fact]
    [Trait("Case", "T10")]
    public async Task What_is_over_leaves_its_list_and_what_is_long_over_never_comes()
    {
        Set("retention_days", "30");
        Api.Publish(Malware(7, "Recent", "recent.example").At(DateTimeOffset.UtcNow.AddDays(-1)));
        Api.Publish(Malware(8, "Old", "old.example").At(DateTimeOffset.UtcNow.AddDays(-31)));
        await RunAsync();
        Assert.Equal(["idn:recent.example"], _service.Lists["Ours (malware)"]);

        await Installation.RunAsync(products: [Adapter], clock: new Later());

        Assert.Empty(_service.Lists["Ours (malware)"]);
    }

    [Fact]
    [Trait("Case", "T23")]
    public async Task The_oldest_of_ours_gives_way_when_a_list_is_full_and_what_others_put_there_stays()
    {
        _service.AddOfOther("Ours (malware)", "idn:theirs.example");
        Set("max_entities", "3");
        foreach (var n in Enumerable.Range(1, 4))
        {
            Api.Publish(Malware(n, "Threat", $"host{n}.example").At(DateTimeOffset.UtcNow.AddMinutes(n - 60)));
            await RunAsync();
        }

        Assert.Equal(["idn:theirs.example", "idn:host3.example", "idn:host4.example"], _service.Lists["Ours (malware)"]);
    }

    [Fact]
    [Trait("Case", "T23")]
    public async Task An_entity_that_somebody_else_put_there_is_not_taken_out()
    {
        _service.AddOfOther("Ours (malware)", "idn:second.example");
        PublishAll();
        await RunAsync();
        Api.Withdraw("m_8");

        await RunAsync();

        Assert.Contains("idn:second.example", _service.Lists["Ours (malware)"]);
    }

    [Fact]
    public async Task A_list_whose_name_only_begins_alike_is_left_alone()
    {
        _service.AddOfOther("Ours (malware) of last year");
        PublishAll();

        await RunAsync();

        Assert.Empty(_service.Lists["Ours (malware) of last year"]);
        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);
    }

    /// <summary>The system's clock, a month on.</summary>
    private sealed class Later : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddDays(31);
    }
}
