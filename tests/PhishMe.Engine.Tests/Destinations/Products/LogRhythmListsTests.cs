using PhishMe.Intelligence;
using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

/// <summary>Items of LogRhythm's lists by API.</summary>
public sealed class LogRhythmListsTests : ProductRunScenarios
{
    private const string Token = "the-token-of-a-test-0123456789";

    private readonly LogRhythmAdminApi _service = new(Token) { Poison = Poison };

    public LogRhythmListsTests()
    {
        foreach (var word in (string[])["domainname", "ipv4address", "url", "email", "md5", "sha256"])
        {
            _service.Add($"ours_{word}");
        }
    }

    protected override ISimulatedProduct Product => _service;

    protected override void MakeReadOnly() => _service.IsReadOnly = true;

    protected override string Section => "integration_logrhythm";

    protected override (string Key, string Value) Secret => ("api_token", Token);

    protected override IEnumerable<(string Key, string Value)> Settings => [("mode", "rest"), ("list_prefix", "ours")];

    protected override IEnumerable<string> Held => _service.Lists.Where(list => list.Key.StartsWith("ours_", StringComparison.Ordinal)).SelectMany(list => list.Value.Select(value => $"{list.Key} {value}"));

    protected override IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values) => values.SelectMany(value =>
        value == Md5 ? (IEnumerable<string>)[$"ours_md5 {Md5}", $"ours_sha256 {Sha256}"]
        : value.Contains("://", StringComparison.Ordinal) ? [$"ours_url {value}"]
        : char.IsAsciiDigit(value[0]) ? [$"ours_ipv4address {value}"]
        : [$"ours_domainname {value}"]);

    [Fact]
    public async Task A_list_that_does_not_exist_is_named_and_nothing_is_lost()
    {
        Set("list_prefix", "theirs");
        Api.Publish(Malware(7, LabelA, "evil.example"));

        var summary = await RunAsync();

        Assert.Equal((ExitCode.OutputFailed, "DestinationMisconfigured"), (summary.ExitCode, summary.Fault?.Kind.Id));
        Assert.Contains("theirs_domainname", summary.Fault!.Message, StringComparison.Ordinal);
        _service.Add("theirs_domainname", "others.example");
        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);
        Assert.Equal(["evil.example", "others.example"], _service.Lists["theirs_domainname"].Order());
    }
}
