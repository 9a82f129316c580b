using System.Text.Json;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Destinations.Products;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

public sealed class TippingPointTests
{
    private const string Key = "key-of-the-sms";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Case", "T01")]
    public async Task Rows_that_the_sms_ignores_are_noticed()
    {
        var sms = new TippingPointSms(Key) { Categories = new HashSet<string> { "PhishMeIntel_Role" } };
        await using var pushed = await PushedTo.StartAsync(sms);
        var clock = new SteppedClock();
        await using var sender = Sender(pushed, new HeaderAuthentication("X-SMS-API-KEY", Key), clock);

        var result = await sender.SendAsync([Item("dns", "one.example", "PhishMeIntel_Threat-ID", "m_1")], Stop);

        Assert.Equal(SendOutcomeKind.Accepted, result.Outcomes[0].Kind);
        Assert.Empty(sms.Entries);
        Assert.Contains("one.example", result.Warning, StringComparison.Ordinal);
        Assert.Contains("PhishMeIntel_", result.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_csv_cannot_carry_goes_by_itself()
    {
        var sms = new TippingPointSms(Key);
        await using var pushed = await PushedTo.StartAsync(sms);
        await using var sender = Sender(pushed, new HeaderAuthentication("X-SMS-API-KEY", Key));

        var result = await sender.SendAsync(
            [Item("url", "http://a.example/1,2?q=\"x\"", "PhishMeIntel_Role", "C2"), Item("url", "http://a.example/plain", "PhishMeIntel_Role", "C2")], Stop);

        Assert.Null(result.Failure);
        Assert.Equal(["url/http://a.example/1,2?q=\"x\"", "url/http://a.example/plain"], sms.Entries.Keys);
        Assert.All(sms.Entries.Values, tags => Assert.Equal("PhishMeIntel_Role,C2", tags));
    }

    [Fact]
    [Trait("Case", "T23")]
    public async Task What_others_put_there_is_neither_changed_nor_taken_back()
    {
        var sms = new TippingPointSms(Key);
        sms.Entries.Add("ipv4/198.51.100.7", "Allow,yes");
        await using var pushed = await PushedTo.StartAsync(sms);
        await using var sender = Sender(pushed, new HeaderAuthentication("X-SMS-API-KEY", Key));

        await sender.SendAsync([Item("ipv4", "198.51.100.7", "PhishMeIntel_Role", "C2"), Item("ipv4", "203.0.113.9", "PhishMeIntel_Role", "C2")], Stop);
        await sender.SendAsync(
            [Item("ipv4", "198.51.100.7") with { Verb = DeliveryVerb.Retract }, Item("ipv4", "203.0.113.9") with { Verb = DeliveryVerb.Retract }], Stop);

        Assert.Equal([new("ipv4/198.51.100.7", "Allow,yes")], sms.Entries);
        Assert.DoesNotContain(pushed.Server.Requests, request => request.RawTarget.Contains("criteria=user", StringComparison.Ordinal));
    }

    [Fact]
    public async Task User_and_password_travel_in_the_query_and_are_repeated_nowhere()
    {
        var sms = new TippingPointSms("another") { User = ("phishme", "p@ss word&1") };
        await using var pushed = await PushedTo.StartAsync(sms);
        await using (var sender = Sender(pushed, new QueryAuthentication([new("smsuser", "phishme"), new("smspass", "p@ss word&1")])))
        {
            Assert.Null((await sender.SendAsync([Item("dns", "one.example")], Stop)).Failure);
        }

        Assert.Equal(["dns/one.example"], sms.Entries.Keys);
        await using var refused = Sender(pushed, new QueryAuthentication([new("smsuser", "phishme"), new("smspass", "wr0ng-password")]));
        var failure = (await refused.SendAsync([Item("dns", "two.example")], Stop)).Failure;
        Assert.Equal(Faults.DestinationCredentialsRefused, failure?.Kind);
        Assert.DoesNotContain("wr0ng", failure!.ToString() + failure.Where, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, CheckOutcome.Pass)]
    [InlineData(true, CheckOutcome.Fail)]
    public async Task The_check_writes_nothing_and_knows_an_account_that_may_only_read(bool isReadOnly, CheckOutcome outcome)
    {
        var sms = new TippingPointSms(Key) { IsReadOnly = isReadOnly };
        await using var pushed = await PushedTo.StartAsync(sms);
        await using var sender = Sender(pushed, new HeaderAuthentication("X-SMS-API-KEY", Key));

        var results = await sender.CheckAsync(Stop).ToListAsync(Stop);

        Assert.Equal([CheckOutcome.Pass, outcome], results.Take(2).Select(result => result.Outcome));
        Assert.Empty(sms.Entries);
    }

    private static HttpQueueSender Sender(PushedTo pushed, IHttpAuthentication authentication, TimeProvider? clock = null) => pushed.Sender(
        new TippingPoint.Profile(new DestinationId("tipping_point_ips"), new TippingPoint.Options(), clock ?? TimeProvider.System), authentication);

    private static QueueItem Item(string type, string value, params string[] tags) =>
        PushedTo.Item(JsonSerializer.Serialize<string[]>([type, value, .. tags]), $"{type}/{value}");

    /// <summary>Waits end at once, and the clock goes on by what was waited for.</summary>
    private sealed class SteppedClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _ticks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Add(ref _ticks, Math.Max(0, dueTime.Ticks));
            return System.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
        }
    }
}
