using System.Text.Json;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Destinations.Products;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Tests.Network;
using PhishMe.Intelligence;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

public sealed class SplunkHecTests
{
    private const string Token = "8a1f2c3d-token-of-tests";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_stand_one_behind_the_other_and_are_all_there()
    {
        var splunk = new SplunkCollector(Token);
        await using var pushed = await PushedTo.StartAsync(splunk);
        await using var sender = pushed.Sender(Profile(), Authentication);

        var result = await sender.SendAsync(Events(500), Cancelled);

        Assert.Null(result.Failure);
        Assert.All(result.Outcomes, outcome => Assert.Equal(SendOutcomeKind.Accepted, outcome.Kind));
        Assert.Equal(Numbers(500), splunk.Indexed.Select(NumberOf));
        Assert.Single(pushed.Server.Requests);
    }

    [Theory]
    [Trait("Case", "T04")]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_bad_event_costs_no_other_more_than_one_copy(int firstEventNumber)
    {
        var splunk = new SplunkCollector(Token) { Poison = "\"n\":37}", FirstEventNumber = firstEventNumber };
        await using var pushed = await PushedTo.StartAsync(splunk);
        await using var sender = pushed.Sender(Profile(), Authentication);

        var result = await sender.SendAsync(Events(100), Cancelled);

        Assert.Null(result.Failure);
        Assert.Equal([37], Enumerable.Range(0, 100).Where(i => result.Outcomes[i].Kind == SendOutcomeKind.Rejected));
        var copies = splunk.Indexed.CountBy(NumberOf).ToDictionary();
        Assert.Equal(Numbers(100).Where(number => number != 37), copies.Keys.Order());
        Assert.All(copies.Values, count => Assert.InRange(count, 1, 2));
    }

    [Fact]
    [Trait("Case", "T05")]
    public async Task A_wrong_index_stops_the_destination_and_fills_no_dead_letters()
    {
        var splunk = new SplunkCollector(Token);
        await using var pushed = await PushedTo.StartAsync(splunk);
        await using var sender = pushed.Sender(Profile(), Authentication);

        var result = await sender.SendAsync(
            [.. Enumerable.Range(0, 50).Select(n => PushedTo.Item(FormattableString.Invariant($$$"""{"index":"nowhere","event":{"n":{{{n}}}}}""")))], Cancelled);

        Assert.Equal(Faults.DestinationMisconfigured, result.Failure?.Kind);
        Assert.Contains("index in [integration_test]", result.Failure!.Message, StringComparison.Ordinal);
        Assert.Empty(result.Outcomes);
        Assert.Empty(splunk.Indexed);
        Assert.Single(pushed.Server.Requests);
    }

    [Fact]
    [Trait("Case", "T05")]
    public async Task A_target_that_refuses_everything_alike_is_stopped_after_a_handful_of_requests()
    {
        await using var pushed = await PushedTo.StartAsync(new Answering(ProductAnswer.Json(400, """{"text":"Invalid data format","code":6}""")));
        await using var sender = pushed.Sender(Profile(), Authentication);

        var result = await sender.SendAsync(Events(400), Cancelled);

        Assert.Equal(Faults.DestinationMisconfigured, result.Failure?.Kind);
        Assert.Empty(result.Outcomes);
        Assert.InRange(pushed.Server.Requests.Count, 2, 8);
    }

    [Fact]
    public async Task With_acknowledgement_an_event_is_delivered_when_it_is_indexed()
    {
        var splunk = new SplunkCollector(Token) { HasAcknowledgement = true };
        await using var pushed = await PushedTo.StartAsync(splunk);
        await using var sender = pushed.Sender(Profile(withAcknowledgement: true), Authentication);

        var result = await sender.SendAsync(Events(20), Cancelled);

        Assert.Null(result.Failure);
        Assert.Equal(Numbers(20), splunk.Indexed.Select(NumberOf));
        Assert.Single(pushed.Server.Requests.Select(request => request.Header("X-Splunk-Request-Channel")).Distinct());
    }

    [Fact]
    [Trait("Case", "T01")]
    public async Task Without_an_acknowledgement_nothing_leaves_the_queue()
    {
        var splunk = new SplunkCollector(Token) { HasAcknowledgement = true, KeepsNothing = true };
        await using var pushed = await PushedTo.StartAsync(splunk);
        var clock = new SteppedTime();
        await using var sender = pushed.Sender(Profile(withAcknowledgement: true, clock), Authentication);

        var sending = sender.SendAsync(Events(20), Cancelled);
        await clock.PlayAsync(sending, TimeSpan.FromSeconds(11));
        var result = await sending;

        Assert.Equal(Faults.DestinationMisconfigured, result.Failure?.Kind);
        Assert.Empty(result.Outcomes);
    }

    [Theory]
    [Trait("Case", "T02")]
    [InlineData("text/html", "<html>Sign in</html>")]
    [InlineData("application/json", "{}")]
    [InlineData(null, "")]
    public async Task A_success_that_is_not_the_products_own_delivers_nothing(string? mediaType, string body)
    {
        await using var pushed = await PushedTo.StartAsync(new Answering(new ProductAnswer(200, mediaType, System.Text.Encoding.UTF8.GetBytes(body))));
        await using var sender = pushed.Sender(Profile(), Authentication);

        var result = await sender.SendAsync(Events(5), Cancelled);

        Assert.Equal(Faults.DestinationAnswerInvalid, result.Failure?.Kind);
        Assert.Empty(result.Outcomes);
        Assert.DoesNotContain("Sign in", result.Failure!.Message, StringComparison.Ordinal);
        Assert.Contains(pushed.Server.Address.Authority, result.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_stops_the_destination_and_is_not_repeated_in_the_message()
    {
        await using var pushed = await PushedTo.StartAsync(new SplunkCollector("another"));
        await using var sender = pushed.Sender(Profile(), Authentication);

        var result = await sender.SendAsync(Events(5), Cancelled);

        Assert.Equal(Faults.DestinationCredentialsRefused, result.Failure?.Kind);
        Assert.DoesNotContain(Token, result.Failure!.ToString(), StringComparison.Ordinal);
        Assert.Single(pushed.Server.Requests);
    }

    [Fact]
    public async Task A_busy_collector_is_asked_again()
    {
        var splunk = new SplunkCollector(Token);
        await using var pushed = await PushedTo.StartAsync(splunk);
        await using var sender = pushed.Sender(Profile(), Authentication);
        pushed.Server.Next(ProductAnswer.Json(503, """{"text":"Server is busy","code":9}"""));
        pushed.Server.Next(ProductAnswer.Json(429, "{}") with { Headers = [new("Retry-After", "0")] });

        var result = await sender.SendAsync(Events(5), Cancelled);

        Assert.Null(result.Failure);
        Assert.Equal(Numbers(5), splunk.Indexed.Select(NumberOf));
        Assert.Equal(3, pushed.Server.Requests.Count);
    }

    [Fact]
    [Trait("Case", "T11")]
    public async Task An_event_that_is_too_large_alone_is_one_dead_letter()
    {
        var splunk = new SplunkCollector(Token) { LargestBody = 2000 };
        await using var pushed = await PushedTo.StartAsync(splunk);
        await using var sender = pushed.Sender(Profile(), Authentication);
        List<QueueItem> items = [.. Events(10)];
        items.Insert(4, PushedTo.Item($$$"""{"event":{"n":99,"text":"{{{new string('x', 3000)}}}"}}"""));

        var result = await sender.SendAsync(items, Cancelled);

        Assert.Null(result.Failure);
        Assert.Equal([4], Enumerable.Range(0, 11).Where(i => result.Outcomes[i].Kind == SendOutcomeKind.Rejected));
        Assert.Contains("30", result.Outcomes[4].Reason, StringComparison.Ordinal);
        Assert.Equal(Numbers(10), splunk.Indexed.Select(NumberOf).Distinct().Order());
    }

    [Fact]
    [Trait("Case", "T01")]
    public async Task The_check_writes_nothing_and_says_what_it_cannot_prove()
    {
        var splunk = new SplunkCollector(Token);
        await using var pushed = await PushedTo.StartAsync(splunk);
        await using var sender = pushed.Sender(Profile(), Authentication);

        var results = await sender.CheckAsync(Cancelled).ToListAsync(Cancelled);

        Assert.Equal([CheckOutcome.Pass, CheckOutcome.Warn], results.Select(result => result.Outcome));
        Assert.Empty(splunk.Indexed);
    }

    [Fact]
    public async Task The_check_fails_on_a_wrong_token()
    {
        await using var pushed = await PushedTo.StartAsync(new SplunkCollector("another"));
        await using var sender = pushed.Sender(Profile(), Authentication);

        var result = Assert.Single(await sender.CheckAsync(Cancelled).ToListAsync(Cancelled));

        Assert.Equal(CheckOutcome.Fail, result.Outcome);
    }

    private static HeaderAuthentication Authentication => new("Authorization", "Splunk " + Token);

    private static SplunkHec.Profile Profile(bool withAcknowledgement = false, TimeProvider? clock = null) => new(
        new DestinationId("splunk_hec"), new SplunkHec.Options { Channel = withAcknowledgement ? Guid.NewGuid() : null }, clock ?? TimeProvider.System);

    private static IReadOnlyList<QueueItem> Events(int count) =>
        [.. Enumerable.Range(0, count).Select(n => PushedTo.Item(FormattableString.Invariant($$$"""{"event":{"n":{{{n}}}}}""")))];

    private static IEnumerable<int> Numbers(int count) => Enumerable.Range(0, count);

    private static int NumberOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("event").GetProperty("n").GetInt32();
    }

    private sealed class Answering(ProductAnswer answer) : ISimulatedProduct
    {
        public ProductAnswer Answer(ProductRequest request) => answer;
    }
}
