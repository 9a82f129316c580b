using PhishMe.Engine.Destinations;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Destinations.Products;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

public sealed class QRadarTests
{
    private const string Token = "token-of-the-console";
    private const string Urls = "PhishMe_Intelligence_Malware_URLs";
    private const string Addresses = "PhishMe_Intelligence_Malware_IPs";

    private static readonly string[] _oddUrls =
    [
        "http://a.example/", "http://a.example/?b=c&d=%2F", "http://a.example/#part", "http://a.example/%252F", "http://a.example/../up", "http://a.example/a+b c",
        "http://a.example//", "http://a.example/%2F", "http://a.example/ü?ü", "http://a.example/;x=1|2",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Case", "T16")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_url_is_taken_back_whatever_stands_in_it_and_however_often_a_gateway_decodes(bool isBehindGateway)
    {
        var console = new QRadarConsole(Token) { IsBehindDecodingGateway = isBehindGateway };
        await using var pushed = await PushedTo.StartAsync(console);
        await using var sender = Sender(pushed);
        await sender.SendAsync([.. _oddUrls.Select(url => Item(Urls, url))], Stop);
        Assert.Equal(_oddUrls.Order(StringComparer.Ordinal), console.Sets[Urls].Values);

        foreach (var url in _oddUrls)
        {
            var before = console.Sets[Urls].Values.Where(value => value != url).ToArray();
            var result = await sender.SendAsync([Item(Urls, url, DeliveryVerb.Retract)], Stop);
            Assert.Equal((SendOutcomeKind.Accepted, null), (result.Outcomes[0].Kind, result.Failure));
            Assert.Equal(before, console.Sets[Urls].Values);
        }
    }

    [Fact]
    [Trait("Case", "T23")]
    public async Task What_others_put_there_is_neither_sent_nor_taken_back()
    {
        var console = new QRadarConsole(Token);
        console.Sets.Add(Addresses, ("IP", ["198.51.100.7"]));
        await using var pushed = await PushedTo.StartAsync(console);
        await using var sender = Sender(pushed);
        await sender.SendAsync([Item(Addresses, "198.51.100.7"), Item(Addresses, "203.0.113.9")], Stop);

        var result = await sender.SendAsync(
            [Item(Addresses, "198.51.100.7", DeliveryVerb.Retract), Item(Addresses, "203.0.113.9", DeliveryVerb.Retract)], Stop);

        Assert.Null(result.Failure);
        Assert.Equal(["198.51.100.7"], console.Sets[Addresses].Values);
        Assert.Empty(pushed.Ledger.Entries);
    }

    [Theory]
    [Trait("Case", "T24")]
    [InlineData("IP", true)]
    [InlineData("ALN", true)]
    [InlineData("ALNIC", true)]
    [InlineData("NUM", false)]
    [InlineData("PORT", false)]
    public async Task A_set_of_another_type_is_named_and_nothing_is_sent_there(string type, bool isFit)
    {
        var console = new QRadarConsole(Token);
        console.Sets.Add(Addresses, (type, []));
        await using var pushed = await PushedTo.StartAsync(console);
        await using var sender = Sender(pushed);

        var result = await sender.SendAsync([Item(Addresses, "198.51.100.7")], Stop);

        if (isFit)
        {
            Assert.Null(result.Failure);
            Assert.Equal(["198.51.100.7"], console.Sets[Addresses].Values);
            return;
        }

        Assert.Equal(Faults.DestinationMisconfigured, result.Failure?.Kind);
        Assert.Contains(Addresses, result.Failure!.Message, StringComparison.Ordinal);
        Assert.Contains(type, result.Failure.Message, StringComparison.Ordinal);
        Assert.Empty(result.Outcomes);
        Assert.Empty(console.Sets[Addresses].Values);
    }

    [Fact]
    public async Task A_set_that_disappears_is_made_again()
    {
        var console = new QRadarConsole(Token);
        await using var pushed = await PushedTo.StartAsync(console);
        await using var sender = Sender(pushed);
        await sender.SendAsync([Item(Addresses, "198.51.100.7")], Stop);
        console.Sets.Clear();

        var result = await sender.SendAsync([Item(Addresses, "203.0.113.9")], Stop);

        Assert.Null(result.Failure);
        Assert.Equal(["203.0.113.9"], console.Sets[Addresses].Values);
    }

    [Fact]
    public async Task A_set_that_somebody_makes_at_the_same_time_is_used()
    {
        var console = new QRadarConsole(Token);
        await using var pushed = await PushedTo.StartAsync(console);
        await using var sender = Sender(pushed);
        pushed.Server.Always(request =>
        {
            if (request.Method == "POST" && request.Query("name") is string name)
            {
                console.Sets.TryAdd(name, ("IP", []));
            }

            return null;
        });

        var result = await sender.SendAsync([Item(Addresses, "198.51.100.7")], Stop);

        Assert.Null(result.Failure);
        Assert.Equal(["198.51.100.7"], console.Sets[Addresses].Values);
    }

    [Fact]
    [Trait("Case", "T16")]
    public async Task A_value_that_is_missing_is_gone_and_a_set_that_is_missing_is_a_dead_letter()
    {
        var console = new QRadarConsole(Token);
        await using var pushed = await PushedTo.StartAsync(console);
        await using var sender = Sender(pushed);
        await sender.SendAsync([Item(Addresses, "198.51.100.7"), Item(Addresses, "203.0.113.9")], Stop);
        console.Sets[Addresses].Values.Remove("198.51.100.7");

        var gone = await sender.SendAsync([Item(Addresses, "198.51.100.7", DeliveryVerb.Retract)], Stop);
        console.Sets.Clear();
        var missing = await sender.SendAsync([Item(Addresses, "203.0.113.9", DeliveryVerb.Retract)], Stop);

        Assert.Equal(SendOutcomeKind.Accepted, gone.Outcomes[0].Kind);
        Assert.Equal(SendOutcomeKind.Rejected, missing.Outcomes[0].Kind);
        Assert.Contains(Addresses, missing.Outcomes[0].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, CheckOutcome.Pass)]
    [InlineData(true, CheckOutcome.Fail)]
    public async Task The_check_writes_nothing_and_knows_a_token_that_may_only_read(bool isReadOnly, CheckOutcome outcome)
    {
        var console = new QRadarConsole(Token) { IsReadOnly = isReadOnly };
        await using var pushed = await PushedTo.StartAsync(console);
        await using var sender = Sender(pushed);

        var results = await sender.CheckAsync(Stop).ToListAsync(Stop);

        Assert.Equal([CheckOutcome.Pass, outcome], results.Select(result => result.Outcome));
        Assert.Empty(console.Sets);
    }

    private static HttpQueueSender Sender(PushedTo pushed) =>
        pushed.Sender(new QRadarReferenceSets.Profile(new DestinationId("qradar_siem"), new QRadarReferenceSets.Options()), new HeaderAuthentication("SEC", Token));

    private static QueueItem Item(string set, string value, DeliveryVerb verb = DeliveryVerb.Upsert) => PushedTo.Item($"{set}\n{value}", $"{set}/{value}", verb);
}
