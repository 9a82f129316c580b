using Microsoft.Extensions.Time.Testing;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Destinations.Products;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

public sealed class ThreatConnectTests
{
    private const string AccessId = "12345";
    private const string Key = "k3y/+With=Signs";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_thing_that_the_job_refuses_is_one_dead_letter_whether_its_errors_name_it_or_not(bool hidesErrors)
    {
        var service = new ThreatConnectService(AccessId, Key) { Poison = "host7.example", HidesErrors = hidesErrors };
        await using var pushed = await PushedTo.StartAsync(service);
        await using var sender = Sender(pushed);

        var result = await sender.SendAsync([.. Enumerable.Range(0, 20).Select(n => Host($"host{n}.example"))], Stop);

        Assert.Null(result.Failure);
        Assert.Equal([7], Enumerable.Range(0, 20).Where(i => result.Outcomes[i].Kind == SendOutcomeKind.Rejected));
        Assert.Equal(19, service.Indicators.Count);
    }

    [Fact]
    public async Task A_job_is_asked_for_until_it_is_done()
    {
        var service = new ThreatConnectService(AccessId, Key) { QuestionsBeforeDone = 3 };
        await using var pushed = await PushedTo.StartAsync(service);
        await using var sender = Sender(pushed);

        var result = await sender.SendAsync([Host("one.example")], Stop);

        Assert.Equal((SendOutcomeKind.Accepted, null), (result.Outcomes[0].Kind, result.Failure));
        Assert.Equal(4, pushed.Server.Requests.Count(request => request.Method == "GET"));
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_named_as_a_reason()
    {
        var service = new ThreatConnectService(AccessId, Key) { Clock = new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(-6)) };
        await using var pushed = await PushedTo.StartAsync(service);
        pushed.Settings = pushed.Settings with { CredentialKeys = "api_access_id and api_secret_key, and the clock" };
        await using var sender = Sender(pushed);

        var failure = (await sender.SendAsync([Host("one.example")], Stop)).Failure;

        Assert.Equal(Faults.DestinationCredentialsRefused, failure?.Kind);
        Assert.Contains("clock", failure!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Example Org", CheckOutcome.Pass)]
    [InlineData("Another", CheckOutcome.Fail)]
    public async Task The_check_writes_nothing_and_knows_the_owner(string owner, CheckOutcome outcome)
    {
        var service = new ThreatConnectService(AccessId, Key);
        await using var pushed = await PushedTo.StartAsync(service);
        await using var sender = Sender(pushed, owner);

        var results = await sender.CheckAsync(Stop).ToListAsync(Stop);

        Assert.Equal([CheckOutcome.Pass, outcome], results.Select(result => result.Outcome));
        Assert.Empty(service.Groups);
        Assert.Empty(service.Indicators);
    }

    private static HttpQueueSender Sender(PushedTo pushed, string owner = "Example Org") => pushed.Sender(
        new ThreatConnect.Profile(new DestinationId("threatconnect"), new ThreatConnect.Options { Owner = owner }, TimeProvider.System),
        new SignatureAuthentication(AccessId, Key, TimeProvider.System));

    private static QueueItem Host(string name) => PushedTo.Item(
        $$$"""{"indicator":{"type":"Host","summary":"{{{name}}}","xid":"xid-of-{{{name}}}-","rating":5,"confidence":100,"associatedGroups":[]} }""", $"m/Domain/{name}");
}
