using System.Text.Json.Nodes;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

public sealed class MicrosoftDefenderTests : ProductRunScenarios
{
    private const string Tenant = "11111111-1111-1111-1111-111111111111";
    private const string Client = "22222222-2222-2222-2222-222222222222";
    private const string ClientSecret = "the-client-secret-of-a-test-0123456789";

    private readonly DefenderService _service = new(new EntraLogin(Tenant, Client, ClientSecret, "https://api.securitycenter.microsoft.com/.default")) { Poison = Poison };

    protected override ISimulatedProduct Product => _service;

    protected override void MakeReadOnly() => _service.IsReadOnly = true;

    protected override string Section => "integration_microsoft_defender";

    protected override (string Key, string Value) Secret => ("client_secret", ClientSecret);

    protected override bool PacesByMinute => true;

    protected override IEnumerable<(string Key, string Value)> Settings => [("tenant_id", Tenant), ("client_id", Client), ("login_host", Server.Address.ToString())];

    protected override IEnumerable<string> Held => _service.Active;

    protected override IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values) =>
        values.SelectMany(value => value == Md5 ? (IEnumerable<string>)[Md5, Sha1, Sha256] : [value]);

    protected override bool IsWrite(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Path.StartsWith("/api/indicators/", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "Audit", "Audit", "Audit")]
    [InlineData("block", "Block", "Block", "Audit")]
    [InlineData("block_and_remediate", "Block", "BlockAndRemediate", "Audit")]
    public async Task Nothing_is_blocked_by_surprise(string? action, string onDomain, string onFile, string onLesser)
    {
        if (action is not null)
        {
            Set("action", action);
        }

        Set("minimum_impact", "minor");
        Api.Publish(A());
        var lesser = Malware(9, "Lesser", "lesser.example");
        lesser["blockSet"]![0]!["impact"] = "Moderate";
        Api.Publish(lesser);

        await RunAsync();

        Assert.Equal((onDomain, onFile, onLesser), (ActionOf("DomainName/evil.example"), ActionOf($"FileMd5/{Md5}"), ActionOf("DomainName/lesser.example")));
        Assert.All(_service.Indicators.Values, indicator => Assert.True((DateTimeOffset)indicator["expirationTime"]! > DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task Addresses_of_mail_are_never_sent()
    {
        Set("include_corollary", "True");
        Api.Publish(Malware(7, "Mail", "evil.example", "someone@mail.example"));

        await RunAsync();

        AssertHeld(["evil.example"]);
        Assert.DoesNotContain(Server.Requests, request => request.Text.Contains("someone@mail.example", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Case", "T03")]
    public async Task A_tenant_that_stays_empty_because_there_is_no_type_for_the_kind_is_a_warning_with_figures()
    {
        Api.Publish(Malware(7, "Mail", "someone@mail.example"));

        var summary = await RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Empty(Held);
        var mail = Assert.Single(summary.Destinations[0].Kinds, kind => kind.Kind == IndicatorKind.Email);
        Assert.Equal((1L, 0L, 1L), (mail.Offered, mail.Delivered, mail.NotCarried));
        Assert.Contains(summary.Warnings, warning => warning.Contains("microsoft_defender: ", StringComparison.Ordinal) && warning.Contains("Email 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_others_made_is_neither_changed_nor_deleted_nor_evicted()
    {
        _service.AddOfOther("DomainName", "evil.example", "Allowed");
        _service.AddOfOther("DomainName", "another.example", "Block");
        _service.AddOfOther("DomainName", "second.example", "Warn");
        Set("max_indicators", "2");
        PublishAll();
        await RunAsync();
        Api.Withdraw("m_7");
        Api.Withdraw("m_8");
        await RunAsync();

        Assert.Equal(
            ("Allowed", "Block", "Warn"),
            (ActionOf("DomainName/evil.example"), ActionOf("DomainName/another.example"), ActionOf("DomainName/second.example")));
        Assert.Equal("By an analyst", (string?)_service.Indicators["DomainName/second.example"]["title"]);
    }

    [Fact]
    public async Task What_an_analyst_turned_into_an_allowance_is_theirs()
    {
        PublishAll();
        await RunAsync();
        _service.Indicators["DomainName/second.example"]["action"] = "Allowed";
        Api.Publish(Malware(8, "Eighth", "evil.example", "second.example", "third.example").At(DateTimeOffset.UtcNow));
        await RunAsync();
        Api.Withdraw("m_8");
        await RunAsync();

        Assert.Equal("Allowed", ActionOf("DomainName/second.example"));
        Assert.DoesNotContain("third.example", _service.Active);
    }

    [Fact]
    public async Task The_most_severe_and_newest_stay_when_there_is_no_room_and_what_waits_comes_when_there_is()
    {
        Set("max_indicators", "3");
        Set("minimum_impact", "minor");
        foreach (var n in Enumerable.Range(1, 4))
        {
            Api.Publish(Malware(n, "Major", FormattableString.Invariant($"major{n}.example")).At(DateTimeOffset.UtcNow.AddHours(n - 48)));
        }

        var minor = Malware(9, "Minor", "minor.example").At(DateTimeOffset.UtcNow);
        minor["blockSet"]![0]!["impact"] = "Minor";
        Api.Publish(minor);

        var summary = await RunAsync();

        Assert.Equal((ExitCode.Done, 0), (summary.ExitCode, summary.Destinations[0].Rejected));
        AssertHeld(["major2.example", "major3.example", "major4.example"]);
        Assert.Contains(summary.Warnings, warning => warning.Contains("room for 3", StringComparison.Ordinal));

        Api.Withdraw("m_3");
        await RunAsync();
        AssertHeld(["major1.example", "major2.example", "major4.example"]);
        Api.Withdraw("m_1");
        await RunAsync();
        AssertHeld(["major2.example", "major4.example", "minor.example"]);
    }

    [Fact]
    public async Task The_choice_does_not_depend_on_the_order_of_arrival()
    {
        Set("max_indicators", "5");
        int[] numbers = [.. Enumerable.Range(1, 12)];
        foreach (var n in numbers.OrderBy(n => n * 7 % 13))
        {
            Api.Publish(Malware(n, "Major", FormattableString.Invariant($"major{n}.example")).At(DateTimeOffset.UtcNow.AddHours(n - 48)));
            await RunAsync();
        }

        AssertHeld([.. numbers.TakeLast(5).Select(n => FormattableString.Invariant($"major{n}.example"))]);
    }

    [Fact]
    public async Task Entries_of_others_leave_less_room_and_a_tenant_that_is_full_makes_no_dead_letter()
    {
        _service.Room = 3;
        _service.AddOfOther("DomainName", "theirs.example", "Block");
        PublishAll();

        var summary = await RunAsync();

        Assert.Equal((ExitCode.Done, 0), (summary.ExitCode, summary.Destinations[0].Rejected));
        Assert.Equal(3, _service.Active.Count());
        _service.Room = 100;
        Api.Publish(Malware(9, "Ninth", "ninth.example"));
        await RunAsync();
        AssertHeld([.. OfA, .. OfB, .. OfP, "ninth.example", "theirs.example"]);
    }

    [Fact]
    public async Task What_someone_deleted_there_does_not_stop_the_deletion_of_the_rest()
    {
        PublishAll();
        await RunAsync();
        ((Dictionary<string, JsonObject>)_service.Indicators).Remove("IpAddress/203.0.113.45");
        Api.Withdraw("m_7");

        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);

        AssertHeld([.. OfB, .. OfP]);
    }

    [Fact]
    public async Task A_tenant_of_several_pages_is_read_whole()
    {
        foreach (var n in Enumerable.Range(1, 25_000))
        {
            _service.AddOfOther("DomainName", n == 24_999 ? "second.example" : FormattableString.Invariant($"theirs{n}.example"), "Block");
        }

        _service.Room = 100_000;
        Api.Publish(Malware(8, "Eighth", "second.example"));
        await RunAsync();
        Api.Withdraw("m_8");
        await RunAsync();

        Assert.Equal("By an analyst", (string?)_service.Indicators["DomainName/second.example"]["title"]);
    }

    [Fact]
    public async Task What_is_over_makes_room()
    {
        Set("max_indicators", "1");
        Set("retention_days", "30");
        Api.Publish(Malware(1, "Later", "later.example").At(DateTimeOffset.UtcNow.AddDays(-1)));
        var lesser = Malware(2, "Lesser", "lesser.example").At(DateTimeOffset.UtcNow.AddHours(-1));
        lesser["blockSet"]![0]!["impact"] = "Moderate";
        Api.Publish(lesser);
        await RunAsync();
        AssertHeld(["later.example"]);

        var clock = new Later(TimeSpan.FromDays(29.5));
        await Installation.RunAsync(products: [Adapter], clock: clock);

        Assert.Contains("lesser.example", _service.Active);
    }

    private string? ActionOf(string key) => (string?)_service.Indicators[key]["action"];

    /// <summary>The system's clock, some time on.</summary>
    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
