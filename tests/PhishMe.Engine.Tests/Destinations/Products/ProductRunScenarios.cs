using System.Text;
using System.Text.Json.Nodes;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Destinations.Products;
using PhishMe.Engine.Files;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Tests.Destinations.HttpPush;
using PhishMe.Engine.Tests.Network;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Simulator.Products;
using Serilog.Core;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

/// <summary>
/// What every product over HTTP has to stand, in whole runs from the API to the product: it counts what the product holds, not what was sent. One object
/// serves one test.
/// </summary>
public abstract class ProductRunScenarios : IAsyncLifetime
{
    protected const string Poison = "poison";

    private ThreatHqSimulator _api = null!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The simulated product.</summary>
    protected abstract ISimulatedProduct Product { get; }

    /// <summary>The section of the configuration file.</summary>
    protected abstract string Section { get; }

    /// <summary>Section, keys and values besides <c>use</c>, the address and the secrets.</summary>
    protected virtual IEnumerable<(string Key, string Value)> Settings => [];

    /// <summary>Whether the limit of the product is one per minute.</summary>
    protected virtual bool PacesByMinute => false;

    /// <summary>Whether an empty answer of success is the product's own, so that nothing tells it from another's.</summary>
    protected virtual bool AnswersEmpty => false;

    /// <summary>The key of the secret, and the secret.</summary>
    protected abstract (string Key, string Value) Secret { get; }

    /// <summary>What the product holds as live, one text for each thing; a thing that is there twice stands there twice.</summary>
    protected abstract IEnumerable<string> Held { get; }

    /// <summary>Of the indicators of a threat what the product has to hold, in the words of <see cref="Held"/>.</summary>
    protected abstract IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values);

    /// <summary>Answers with 2xx that the product never gives.</summary>
    public static TheoryData<int, string?, string> AnswersOfOthers => new()
    {
        { 200, "text/html", "<html>Sign in</html>" },
        { 200, "application/json", "{}" },
        { 200, null, string.Empty },
    };

    protected ThreatHqSimulator Api => _api;

    protected ProductServer Server { get; private set; } = null!;

    private protected Installation Installation { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);
        Server = await ProductServer.StartAsync(Product);
        Installation = Installed(Server.Address);
    }

    /// <summary>However a scenario ended, its artefacts hold no secret.</summary>
    public async ValueTask DisposeAsync()
    {
        AssertNowhere(Secret.Value, summary: null);
        Installation.Dispose();
        await Server.DisposeAsync();
        await _api.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_backfill_leaves_each_thing_once_and_the_same_number_in_both_products_is_two_threats()
    {
        PublishAll();

        var summary = await RunAsync();

        Assert.Equal((ExitCode.Done, 0), (summary.ExitCode, summary.Warnings.Count));
        AssertHeld([.. OfA, .. OfB, .. OfP]);
    }

    [Fact]
    public async Task A_second_run_without_news_makes_no_request()
    {
        PublishAll();
        await RunAsync();
        var (held, requests) = (Sorted(Held), Server.Count);

        var summary = await RunAsync();

        Assert.Equal((ExitCode.Done, requests), (summary.ExitCode, Server.Count));
        Assert.Equal(held, Sorted(Held));
    }

    [Fact]
    public async Task A_threat_published_again_with_one_more_indicator_adds_that_one()
    {
        PublishAll();
        await RunAsync();
        Api.Publish(A("third.example").At(DateTimeOffset.UtcNow));

        var summary = await RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        AssertHeld([.. Expected("m_7", LabelA, [.. ValuesA, "third.example"]), .. OfB, .. OfP]);
    }

    [Fact]
    public async Task What_is_withdrawn_is_taken_back_but_for_what_another_threat_carries()
    {
        PublishAll();
        await RunAsync();
        Api.Withdraw("m_7");

        var summary = await RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        AssertHeld([.. OfB, .. OfP, .. StaysOfWithdrawn]);
        Api.Restore("m_7");
        await RunAsync();
        AssertHeld([.. OfA, .. OfB, .. OfP]);
    }

    [Fact]
    public async Task What_falls_below_the_lowest_impact_is_taken_back_unless_another_threat_has_it_above()
    {
        RaiseMinimum();
        PublishAll();
        await RunAsync();
        Api.Publish(A().Lowered("203.0.113.45").Lowered("evil.example").At(DateTimeOffset.UtcNow));

        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);

        AssertHeld([.. Expected("m_7", LabelA, ValuesA.Where(value => value is not ("203.0.113.45" or "evil.example"))), .. OfB, .. OfP, .. StaysOfFallen]);
    }

    [Fact]
    public async Task What_is_older_than_it_is_kept_is_taken_back_and_comes_again_with_a_new_version()
    {
        if (!IsKeptForDays)
        {
            return;
        }

        Set("retention_days", "60");
        Api.Publish(A().At(DateTimeOffset.UtcNow.AddDays(-30)));
        Api.Publish(Malware(8, "Eighth", "evil.example", "second.example"));
        Api.Publish(Malware(9, "Ninth", "long.over.example").At(DateTimeOffset.UtcNow.AddDays(-100)));
        await RunAsync();
        AssertHeld([.. OfA, .. OfB]);
        Set("retention_days", "10");

        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);

        AssertHeld([.. OfB, .. StaysOfWithdrawn]);
        var requests = Server.Count;
        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);
        Assert.Equal(requests, Server.Count);
        Api.Publish(A().At(DateTimeOffset.UtcNow));
        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);
        AssertHeld([.. OfA, .. OfB]);
    }

    [Fact]
    public async Task What_the_section_does_not_say_is_as_in_integration_defaults()
    {
        Installation.Set("integration_defaults", "products", "intelligence").Set("integration_defaults", "retract", "False").Save();
        PublishAll();
        await RunAsync();
        AssertHeld([.. OfA, .. OfB]);
        Api.Withdraw("m_7");

        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);

        AssertHeld([.. OfA, .. OfB]);
    }

    [Fact]
    public async Task A_product_that_is_down_stops_nothing_and_gets_everything_once_later()
    {
        Set("max_retries", "1");
        PublishAll();
        Server.Always(_ => ProductAnswer.Cut);

        var down = await RunAsync();

        Assert.Equal(ExitCode.OutputFailed, down.ExitCode);
        Assert.NotEqual(string.Empty, Installation.Position);
        Assert.NotEqual(0, down.Destinations[0].Waiting);
        Assert.Empty(Held);
        Server.Always(null);
        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);
        AssertHeld([.. OfA, .. OfB, .. OfP]);
    }

    [Fact]
    public async Task A_connection_that_breaks_behind_the_work_leaves_nothing_twice()
    {
        PublishAll();
        Server.Next(_ => null);
        Server.CutAfterNext();
        Server.CutAfterNext();

        await RunAsync();
        var summary = await RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        AssertHeld([.. OfA, .. OfB, .. OfP, .. RepeatedAfterBreak]);
    }

    [Theory]
    [InlineData("http-sent")]
    [InlineData("http-recorded")]
    [InlineData("queue-removed")]
    public async Task A_run_that_is_killed_is_made_good_by_the_next_one(string step)
    {
        PublishAll();
        Installation? killed = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await Installation.RunAsync(
            products: [Adapter],
            stop: stop,
            step: name =>
            {
                if (name == step && killed is null)
                {
                    killed = Installation.Copy();
                    stop.Cancel();
                }
            });

        using var next = killed!;
        Assert.Equal(ExitCode.Done, (await next.RunAsync(products: [Adapter])).ExitCode);
        AssertHeld([.. OfA, .. OfB, .. OfP, .. step == "http-sent" ? RepeatedAfterKill : []]);
    }

    [Fact]
    public async Task What_was_taken_back_by_a_run_that_was_killed_comes_again_with_its_threat()
    {
        PublishAll();
        await RunAsync();
        Api.Withdraw("m_7");
        using var killed = await KilledAsync();
        Api.Restore("m_7");

        Assert.Equal(ExitCode.Done, (await killed.RunAsync(products: [Adapter])).ExitCode);

        AssertHeld([.. OfA, .. OfB, .. OfP]);
    }

    [Fact]
    public async Task What_was_delivered_by_a_run_that_was_killed_is_taken_back_with_its_threat()
    {
        Api.Publish(Malware(8, "Eighth", "evil.example", "second.example"));
        await RunAsync();
        Api.Publish(A());
        using var killed = await KilledAsync();
        Api.Withdraw("m_7");

        Assert.Equal(ExitCode.Done, (await killed.RunAsync(products: [Adapter])).ExitCode);

        AssertHeld([.. OfB, .. StaysOfWithdrawn]);
    }

    /// <summary>A run that dies when the product has done its work and nothing says so yet.</summary>
    private async Task<Installation> KilledAsync()
    {
        Installation? killed = null;
        await Installation.RunAsync(products: [Adapter], step: name => killed ??= name == "http-sent" ? Installation.Copy() : null);
        Assert.NotNull(killed);
        return killed;
    }

    [Fact]
    public async Task One_bad_record_is_one_dead_letter_and_the_others_are_there()
    {
        PublishAll();
        Api.Publish(Malware(9, "Ninth", $"{Poison}.example"));

        var summary = await RunAsync();

        Assert.Equal((ExitCode.DoneWithDeadLetters, 1), (summary.ExitCode, summary.Destinations[0].Rejected));
        AssertHeld([.. OfA, .. OfB, .. OfP, .. StaysOfPoisoned]);
        using var state = StateStore.Open(Installation.StatePath);
        Assert.DoesNotContain(Secret.Value, Assert.Single(await state.GetDeadLettersAsync(Stop)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Case", "T05")]
    public async Task A_product_that_refuses_everything_alike_is_stopped_and_nothing_becomes_a_dead_letter()
    {
        foreach (var threat in Enumerable.Range(1, 40))
        {
            Api.Publish(Malware(threat, "Many", Enumerable.Range(0, 5).Select(n => FormattableString.Invariant($"host{n}.of{threat}.example"))));
        }

        Server.Always(request => IsWrite(request) ? RefusalOfAll : null);

        var summary = await RunAsync();

        Assert.Equal((ExitCode.OutputFailed, 0), (summary.ExitCode, summary.Destinations[0].Rejected));
        Assert.InRange(Server.Requests.Count(IsWrite), 1, 12);
        Assert.Empty(Held);
        Server.Always(null);
        Assert.Equal(ExitCode.Done, (await RunAsync()).ExitCode);
        Assert.NotEmpty(Held);
    }

    [Fact]
    public async Task What_is_hard_to_write_arrives_as_it_was()
    {
        const string Label = "Größe = | , \"quoted\" <b> & \\ 漢字\nsecond line";
        const string Hard = "http://evil.example/a%20b?x=1&y=%3D;|,'()é";
        Api.Publish(Malware(7, Label, "evil.example", Hard).WithFile("Rechnung = | , \"Ü\".docm"));

        var summary = await RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        AssertHeld([.. Expected("m_7", Label, ["evil.example", Hard, Md5])]);
    }

    [Fact]
    public async Task Wrong_credentials_stop_this_product_alone_and_stand_nowhere()
    {
        const string Wrong = "this-is-the-wrong-secret-and-stands-nowhere-else-0123456789";
        Installation.WithOutput("json");
        Set(Secret.Key, Wrong);
        Installation.Set("local_log", "log_level", "debug").Save();
        PublishAll();

        var summary = await Installation.RunAsync(products: [.. ProductCatalogue.All.OfType<RawOutput>(), Adapter]);

        Assert.Equal(ExitCode.OutputFailed, summary.ExitCode);
        Assert.Equal(Faults.DestinationCredentialsRefused, summary.Fault?.Kind);
        Assert.Equal(3, File.ReadAllLines(Installation.AppendPath("json")).Length);
        Assert.Empty(Held);
        AssertNowhere(Wrong, summary);
    }

    [Fact]
    public async Task The_secret_stands_in_no_file_after_good_and_bad_answers()
    {
        Installation.Set("local_log", "log_level", "debug").Save();
        PublishAll();
        Api.Publish(Malware(9, "Ninth", $"{Poison}.example"));
        // A product that repeats what it was given, as debug pages do.
        Server.Next(request => new ProductAnswer(503, "text/plain", Encoding.UTF8.GetBytes($"{string.Join(' ', request.Headers.Values)} {request.Text}")));

        var summary = await RunAsync();

        AssertNowhere(Secret.Value, summary);
    }

    [Theory]
    [Trait("Case", "T02")]
    [MemberData(nameof(AnswersOfOthers))]
    public async Task A_success_that_is_not_the_products_own_delivers_nothing(int status, string? mediaType, string body)
    {
        if (AnswersEmpty && body.Length == 0)
        {
            Server.Always(request => IsWrite(request) ? new ProductAnswer(status) : null);
            PublishAll();
            Assert.Equal((ExitCode.Done, 0L), (await RunAsync() is var taken ? taken.ExitCode : default, taken.Destinations[0].Waiting));
            return;
        }

        PublishAll();
        Server.Always(request => IsWrite(request) ? new ProductAnswer(status, mediaType, Encoding.UTF8.GetBytes(body)) : null);

        var summary = await RunAsync();

        Assert.Equal((ExitCode.OutputFailed, 0), (summary.ExitCode, summary.Destinations[0].Rejected));
        Assert.Empty(Held);
        Assert.Contains(Server.Address.Authority, summary.Fault!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Sign in", summary.Fault.Message, StringComparison.Ordinal);
        Server.Always(null);
        await RunAsync();
        AssertHeld([.. OfA, .. OfB, .. OfP]);
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_refused()
    {
        using var certificates = new TestCertificates();
        await using var server = await ProductServer.StartAsync(Product, certificates.Server);
        using var installation = Installed(server.Address);
        Api.Publish(Malware(7, LabelA, "evil.example"));

        var summary = await installation.RunAsync(products: [Adapter]);

        Assert.Equal((ExitCode.OutputFailed, Faults.DestinationCertificateRefused), (summary.ExitCode, summary.Fault?.Kind));
        Assert.Equal(0, server.Count);
        installation.Set(Section, "ca_file", certificates.AuthorityFile).Save();
        Assert.Equal(ExitCode.Done, (await installation.RunAsync(products: [Adapter])).ExitCode);
        Assert.NotEmpty(Held);
    }

    [Fact]
    public async Task The_check_proves_credentials_and_rights_and_leaves_nothing_behind()
    {
        var results = await CheckAsync();

        Assert.NotEmpty(results);
        Assert.DoesNotContain(results, result => result.Outcome == CheckOutcome.Fail);
        Assert.Empty(Held);
    }

    [Fact]
    public async Task The_check_fails_on_a_wrong_secret_without_repeating_it()
    {
        const string Wrong = "this-is-the-wrong-secret-and-stands-nowhere-else-0123456789";
        Set(Secret.Key, Wrong);

        var result = Assert.Single(await CheckAsync());

        Assert.Equal(CheckOutcome.Fail, result.Outcome);
        Assert.DoesNotContain(Wrong, result.Message, StringComparison.Ordinal);
        Assert.Contains(Secret.Key, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_check_fails_when_the_account_may_only_read()
    {
        MakeReadOnly();

        var results = await CheckAsync();

        Assert.Equal(CheckOutcome.Fail, results[^1].Outcome);
    }

    [Fact]
    public async Task The_check_fails_on_the_page_of_a_gateway()
    {
        Server.Always(_ => ProductAnswer.Page(200, "Sign in"));

        Assert.Equal(CheckOutcome.Fail, (await CheckAsync())[^1].Outcome);
    }

    /// <summary>Nothing below moderate is wanted.</summary>
    protected virtual void RaiseMinimum() => Set("minimum_impact", "moderate");

    /// <summary>The account of the configuration may read and nothing else.</summary>
    protected abstract void MakeReadOnly();

    private async Task<IReadOnlyList<CheckResult>> CheckAsync()
    {
        var reading = ConfigurationReader.Read(Installation.ConfigurationPath, new ReadingContext { Products = [Adapter] });
        var destination = Assert.IsType<QueuedDestination>(Assert.Single(reading.Settings!.Destinations));
        var host = new DestinationHost
        {
            Id = destination.Id,
            Clock = TimeProvider.System,
            Log = Logger.None,
            Version = "1.0.0",
            CommittedLength = _ => null,
            Ledger = new MemoryLedger(),
            Files = new PatientFiles(TimeProvider.System, FileCalls.OfSystem),
            Warn = _ => { },
        };
        await using var sender = destination.Open(host).CreateSender();
        return await sender.CheckAsync(Stop).ToListAsync(Stop);
    }

    /// <summary>The adapter under test; internal to the program, so that subclasses name it by its catalogue.</summary>
    private protected IProduct Adapter => ProductCatalogue.All.Single(product => product.Sections.Any(section => section.Name == Section));

    /// <summary>Things that stay of a threat that was withdrawn, because the product cannot take them back.</summary>
    protected virtual IEnumerable<string> StaysOfWithdrawn => [];

    /// <summary>Whether what is over is taken back by us. Otherwise it ends by itself there, or stays like a case that people work on.</summary>
    protected virtual bool IsKeptForDays => true;

    /// <summary>Things that stay of an indicator that fell below the lowest impact, because the product keeps what a threat once had.</summary>
    protected virtual IEnumerable<string> StaysOfFallen => [];

    /// <summary>Things that are delivered of a threat whose only indicator is refused.</summary>
    protected virtual IEnumerable<string> StaysOfPoisoned => [];

    /// <summary>Things that may be there twice after a broken connection, because the product does not recognize them.</summary>
    protected virtual IEnumerable<string> RepeatedAfterBreak => [];

    /// <summary>Things that may be there twice after a kill, because the product does not recognize them.</summary>
    protected virtual IEnumerable<string> RepeatedAfterKill => [];

    /// <summary>What the product answers when a setting makes it refuse everything.</summary>
    protected virtual ProductAnswer RefusalOfAll => ProductAnswer.Json(400, """{"message":"not allowed"}""");

    /// <summary>Whether a request delivers something.</summary>
    protected virtual bool IsWrite(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Method != "GET";
    }

    protected const string LabelA = "Seventh";

    protected static IReadOnlyList<string> ValuesA => ["evil.example", "203.0.113.45", "http://evil.example/a.exe?x=1", Md5];

    protected static JsonObject A(params IEnumerable<string> more) => Malware(7, LabelA, [.. ValuesA.SkipLast(1), .. more]).WithFile();

    protected IEnumerable<string> OfA => Expected("m_7", LabelA, ValuesA);

    protected IEnumerable<string> OfB => Expected("m_8", "Eighth", ["evil.example", "second.example"]);

    protected IEnumerable<string> OfP => Expected("p_7", "Example Bank", ["http://phish.example/index.html", "phish.example"]);

    protected void PublishAll()
    {
        Api.Publish(A());
        Api.Publish(Malware(8, "Eighth", "evil.example", "second.example"));
        Api.Publish(Phish(7, "phish.example", "Example Bank"));
    }

    protected void Set(string key, string value) => Installation.Set(Section, key, value).Save();

    protected Task<RunSummary> RunAsync() => Installation.RunAsync(products: [Adapter]);

    /// <summary>Things that several threats share are there once.</summary>
    protected void AssertHeld(IEnumerable<string> expected) => Assert.Equal(Sorted(expected.Distinct()), Sorted(Held));

    private static string[] Sorted(IEnumerable<string> texts) => [.. texts.Order(StringComparer.Ordinal)];

    private void AssertNowhere(string secret, RunSummary? summary)
    {
        Assert.DoesNotContain(secret, $"{summary}", StringComparison.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Installation.Folder, "*", SearchOption.AllDirectories).Where(path => path != Installation.ConfigurationPath))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            file.CopyTo(bytes);
            Assert.False(bytes.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0, $"The secret stands in {Path.GetFileName(path)}.");
        }
    }

    private Installation Installed(Uri address)
    {
        var installation = new Installation(_api).Set("local_sqlite", "use", "True")
            .Set(Section, "use", "True")
            .Set(Section, "host_with_protocol", address.ToString())
            .Set(Section, Secret.Key, Secret.Value)
            .Set(Section, "max_retries", "2");
        installation.Set(Section, PacesByMinute ? "max_rpm" : "max_rps", "1000");
        foreach (var (key, value) in Settings)
        {
            installation.Set(Section, key, value);
        }

        return installation.Save();
    }
}
