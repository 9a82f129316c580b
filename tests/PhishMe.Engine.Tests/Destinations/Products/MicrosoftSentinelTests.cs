using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Destinations.Products;
using PhishMe.Engine.Tests.Destinations.HttpPush;
using PhishMe.Engine.Tests.Network;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

public sealed class MicrosoftSentinelTests : ProductRunScenarios
{
    private const string Tenant = "11111111-1111-1111-1111-111111111111";
    private const string Client = "22222222-2222-2222-2222-222222222222";
    private const string Workspace = "33333333-3333-3333-3333-333333333333";
    private const string Scope = "https://management.azure.com/.default";
    private const string ClientSecret = "the-client-secret-of-a-test-0123456789";

    private readonly EntraLogin _login = new(Tenant, Client, ClientSecret, Scope);
    private readonly SentinelWorkspace _workspace;

    public MicrosoftSentinelTests() => _workspace = new SentinelWorkspace(_login, Workspace) { Poison = Poison, PerMinute = 1000 };

    protected override ISimulatedProduct Product => _workspace;

    protected override void MakeReadOnly() => _workspace.IsReadOnly = true;

    protected override string Section => "integration_microsoft_sentinel";

    protected override (string Key, string Value) Secret => ("client_secret", ClientSecret);

    protected override bool PacesByMinute => true;

    protected override bool AnswersEmpty => true;

    protected override IEnumerable<(string Key, string Value)> Settings =>
        [("tenant_id", Tenant), ("client_id", Client), ("workspace_id", Workspace), ("login_host", Server.Address.ToString())];

    protected override IEnumerable<string> Held => _workspace.Live;

    protected override IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values) =>
        values.SelectMany(value => value == Md5 ? (IEnumerable<string>)[Md5, Sha1, Sha256] : [value]);

    protected override bool IsWrite(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Path.EndsWith(":upload", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_asked_for_once_a_run_and_again_when_it_ends_in_the_middle()
    {
        foreach (var threat in Enumerable.Range(1, 60))
        {
            Api.Publish(Malware(threat, "Many", Enumerable.Range(0, 5).Select(n => FormattableString.Invariant($"host{n}.of{threat}.example"))));
        }

        var uploads = 0;
        Server.Always(request =>
        {
            if (IsWrite(request) && ++uploads == 2)
            {
                _login.EndTokens();
            }

            return null;
        });

        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);

        Assert.Equal((2, 300, 300), (_login.Given, _workspace.Live.Count(), _workspace.Rows));
    }

    [Fact]
    public async Task A_certificate_is_taken_instead_of_a_secret()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=phishme", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        var login = new EntraLogin(Tenant, Client, secret: null, Scope) { Certificate = X509CertificateLoader.LoadCertificate(certificate.RawData) };
        var workspace = new SentinelWorkspace(login, Workspace);
        await using var server = await ProductServer.StartAsync(workspace);
        var (file, keyFile) = (Path.Combine(Installation.Folder, "app.pem"), Path.Combine(Installation.Folder, "app.key"));
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem(), Stop);
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem(), Stop);
        Installation.Set(Section, "client_secret", "").Set(Section, "client_certificate", file).Set(Section, "client_certificate_key", keyFile)
            .Set(Section, "login_host", server.Address.ToString()).Set(Section, "host_with_protocol", server.Address.ToString()).Save();
        PublishAll();

        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);

        Assert.NotEmpty(workspace.Live);
        Assert.Single(login.Assertions);
    }

    [Fact]
    public async Task A_withdrawal_is_a_new_version_that_is_revoked_and_whose_validity_ends()
    {
        PublishAll();
        await RunAsync();
        Api.Withdraw("m_8");

        await RunAsync();

        var revoked = Assert.Single(_workspace.Objects.Values, item => (bool?)item["revoked"] == true);
        Assert.Equal("[domain-name:value = 'second.example']", (string?)revoked["pattern"]);
        Assert.True((DateTimeOffset)revoked["valid_until"]! <= DateTimeOffset.UtcNow);
        Assert.True((DateTimeOffset)revoked["valid_until"]! > (DateTimeOffset)revoked["valid_from"]!);
        Assert.True((DateTimeOffset)revoked["modified"]! > (DateTimeOffset)revoked["created"]!);
    }

    [Fact]
    public async Task A_value_that_comes_back_has_a_new_id_each_time()
    {
        var ids = new HashSet<string>();
        Api.Publish(Malware(8, "Eighth", "second.example"));
        foreach (var round in Enumerable.Range(1, 3))
        {
            await RunAsync();
            Assert.Equal(["second.example"], _workspace.Live);
            Assert.True(ids.Add(_workspace.Objects.Single(item => (bool?)item.Value["revoked"] != true).Key), $"round {round}");
            Api.Withdraw("m_8");
            await RunAsync();
            Assert.Empty(_workspace.Live);
            Api.Restore("m_8");
        }
    }

    [Fact]
    public async Task Every_indicator_has_an_end_ahead_of_now_and_of_its_beginning()
    {
        Set("retention_days", "30");
        var undated = Malware(1, "Undated", "undated.example");
        undated.Remove("firstPublished");
        undated.Remove("lastPublished");
        Api.Publish(undated);
        Api.Publish(Malware(2, "Old", "old.example").At(DateTimeOffset.UtcNow.AddDays(-31)));
        Api.Publish(Malware(3, "Fresh", "fresh.example"));
        var future = Malware(4, "Ahead", "ahead.example").At(new DateTimeOffset(2083, 1, 1, 0, 0, 0, TimeSpan.Zero));
        future["firstPublished"] = future["lastPublished"]!.DeepClone();
        Api.Publish(future);

        await RunAsync();

        Assert.DoesNotContain("old.example", _workspace.Live);
        Assert.Contains("fresh.example", _workspace.Live);
        Assert.All(_workspace.Objects.Values, item =>
        {
            Assert.InRange((DateTimeOffset)item["valid_until"]!, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(31));
            Assert.True((DateTimeOffset)item["valid_from"]! < (DateTimeOffset)item["valid_until"]!);
            Assert.True((DateTimeOffset)item["modified"]! <= DateTimeOffset.UtcNow.AddSeconds(1));
            Assert.True((DateTimeOffset)item["created"]! <= (DateTimeOffset)item["modified"]!);
        });
        Assert.Contains("ahead.example", _workspace.Live);
    }

    [Fact]
    public async Task A_clock_that_was_ahead_once_does_not_make_a_later_version_older()
    {
        Api.Publish(A());
        await Installation.RunAsync(products: [Adapter], clock: new Ahead(TimeSpan.FromDays(1)));
        Api.Withdraw("m_7");

        await RunAsync();

        Assert.Empty(_workspace.Live);
    }

    [Fact]
    public async Task A_threat_that_shares_a_value_makes_no_new_row_when_nothing_but_its_date_moved()
    {
        PublishAll();
        await RunAsync();
        var rows = _workspace.Rows;
        Api.Publish(A().At(DateTimeOffset.UtcNow));

        await RunAsync();

        Assert.Equal(rows, _workspace.Rows);
    }

    [Fact]
    public async Task A_workspace_that_is_unknown_names_the_key()
    {
        Set("workspace_id", "another");
        PublishAll();

        var summary = await RunAsync();

        Assert.Equal((ExitCode.OutputFailed, 0), (summary.ExitCode, summary.Destinations[0].Rejected));
        Assert.Contains("workspace_id", summary.Fault!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pause_of_a_refusal_is_read_from_its_words()
    {
        var clock = new SteppedTime();
        await using var pushed = await PushedTo.StartAsync(new Once429());
        pushed.Settings = pushed.Settings with { PauseInWords = SentinelProfile.PauseInWords };
        using var target = pushed.Target(new HeaderAuthentication("x", "y"), clock);

        var call = target.CallAsync(HttpCall.Post("/", "{}"u8.ToArray()), Stop);
        await clock.PlayAsync(call, TimeSpan.FromSeconds(60));

        Assert.True((await call).IsSuccess);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(37), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task The_limit_of_requests_a_minute_is_kept_to()
    {
        var clock = new ManualTime(DateTimeOffset.UtcNow);
        var workspace = new SentinelWorkspace(_login, Workspace) { Now = clock.GetUtcNow };
        await using var pushed = await PushedTo.StartAsync(workspace);
        pushed.Settings = pushed.Settings with { CallsPerMinute = 95, PauseInWords = SentinelProfile.PauseInWords };
        var call = HttpCall.Post("/tenant", "{}"u8.ToArray());
        using var target = pushed.Target(new HeaderAuthentication("Authorization", $"Bearer {await TokenAsync()}"), clock);

        for (var i = 0; i < 250; i++)
        {
            Assert.Equal(System.Net.HttpStatusCode.NotFound, (await target.CallAsync(call, Stop)).Status);
        }

        Assert.Equal(0, workspace.TooFast);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(150), TimeSpan.FromSeconds(200));
    }

    private async Task<string> TokenAsync()
    {
        using var client = new HttpClient();
        using var form = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", Client), new("scope", Scope), new("client_secret", ClientSecret)]);
        using var answer = await client.PostAsync(new Uri(Server.Address, $"/{Tenant}/oauth2/v2.0/token"), form, Stop);
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["access_token"]!;
    }

    /// <summary>Refuses the first request.</summary>
    private sealed class Once429 : ISimulatedProduct
    {
        private bool _isOver;

        public ProductAnswer Answer(ProductRequest request)
        {
            var isFirst = !_isOver;
            _isOver = true;
            return isFirst ? ProductAnswer.Json(429, """{"statusCode":429,"message":"Rate limit is exceeded. Try again in 37 seconds."}""") : ProductAnswer.Json(200, "{}");
        }
    }

    /// <summary>The system's clock, set ahead.</summary>
    private sealed class Ahead(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
