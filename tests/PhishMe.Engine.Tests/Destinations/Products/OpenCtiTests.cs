using PhishMe.Intelligence;
using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

public sealed class OpenCtiTests : ProductRunScenarios
{
    private const string Collection = "0b5d2a5e-8f7a-4e0e-9a57-5a2c0a1d7f11";
    private const string Token = "the-token-of-opencti-stands-nowhere-else-0123456789";

    private readonly TaxiiReceiver _platform = new("taxii2/root", Collection) { Token = Token, IsOpenCti = true, Poison = Poison, PendingPolls = 1 };

    protected override ISimulatedProduct Product => _platform;

    protected override void MakeReadOnly() => _platform.IsReadOnly = true;

    protected override string Section => "integration_opencti";

    protected override (string Key, string Value) Secret => ("api_token", Token);

    protected override IEnumerable<(string Key, string Value)> Settings => [("collection", Collection)];

    protected override IEnumerable<string> Held => _platform.Live;

    protected override IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values) =>
        values.SelectMany(value => value == Md5 ? (IEnumerable<string>)[Md5, Sha1, Sha256] : [value]);

    [Fact]
    public async Task Indicators_come_with_families_and_reports_that_refer_to_them()
    {
        PublishAll();

        await RunAsync();

        var ids = _platform.Objects.Values.Select(item => (string)item["id"]!).ToHashSet();
        Assert.Equal(3, _platform.Of("report").Count());
        Assert.All(_platform.Of("report"), report => Assert.All(report["object_refs"]!.AsArray(), reference => Assert.Contains((string)reference!, ids)));
        Assert.All(_platform.Of("relationship"), relation => Assert.Equal("indicates", (string?)relation["relationship_type"]));
        Assert.All(_platform.Objects.Values.Where(item => (string)item["type"]! is not ("identity" or "marking-definition")), item => Assert.Contains((string)item["created_by_ref"]!, ids));
        var types = _platform.Of("indicator").Select(item => (string)item["x_opencti_main_observable_type"]!).Distinct().Order();
        Assert.Equal(["Domain-Name", "IPv4-Addr", "StixFile", "Url"], types);
    }

    [Fact]
    public async Task A_withdrawal_and_a_return_have_scores_that_were_not_sent_before()
    {
        Api.Publish(Malware(8, "Eighth", "second.example"));
        var scores = new List<int>();
        foreach (var round in Enumerable.Range(1, 4))
        {
            await RunAsync();
            Assert.Equal(["second.example"], _platform.Live);
            Note();
            Api.Withdraw("m_8");
            await RunAsync();
            Assert.Empty(_platform.Live);
            Assert.All(_platform.Of("report"), report => Assert.True((bool)report["revoked"]!, $"round {round}"));
            Note();
            Api.Restore("m_8");
        }

        Assert.Equal([100, 0, 99, 1, 98, 2, 97, 3], scores);
        void Note() => scores.Add((int)_platform.Of("indicator").Single()["x_opencti_score"]!);
    }

    [Fact]
    public async Task An_ingester_that_was_stopped_keeps_everything_queued()
    {
        PublishAll();
        _platform.IsStopped = true;

        var summary = await RunAsync();

        Assert.Equal((ExitCode.OutputFailed, Faults.DestinationMisconfigured, 0), (summary.ExitCode, summary.Fault?.Kind, summary.Destinations[0].Rejected));
        Assert.Contains("collection", summary.Fault!.Message, StringComparison.Ordinal);
        _platform.IsStopped = false;
        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);
        AssertHeld([.. OfA, .. OfB, .. OfP]);
    }

    [Fact]
    public async Task A_value_of_two_threats_is_one_indicator_and_goes_with_the_last()
    {
        PublishAll();
        await RunAsync();
        Api.Withdraw("m_7");
        await RunAsync();
        Assert.Contains("evil.example", Held);

        Api.Withdraw("m_8");
        await RunAsync();

        Assert.DoesNotContain("evil.example", Held);
    }
}
