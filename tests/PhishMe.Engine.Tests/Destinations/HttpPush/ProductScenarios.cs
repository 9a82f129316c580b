using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Tests.Network;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

/// <summary>
/// What every product over HTTP has to survive, as whole runs from the API to a simulated product. Counted is what the product holds, not what was sent.
/// </summary>
public abstract class ProductScenarios
{
    /// <summary>A secret that no artefact may hold.</summary>
    protected const string Secret = "s3cr3t-Of-The-Scenarios-0123456789abcdef";

    private protected static readonly ScenarioThreat First = new()
    {
        Number = 8800001,
        Domains = ["one.example", "shared.example"],
        Addresses = ["198.51.100.7"],
        Urls = ["http://one.example/a?b=1"],
        Hashes = ["0123456789abcdef0123456789abcdef"],
    };

    private protected static readonly ScenarioThreat Second = new()
    {
        Number = 8800002,
        Domains = ["two.example", "shared.example"],
        Addresses = ["203.0.113.9"],
        Urls = ["http://two.example/x"],
    };

    private protected static readonly ScenarioThreat Page = new() { Number = 8800003, IsPhish = true, Label = "Sign in", Urls = ["https://login.three.example/bank/"] };

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Makes a product that holds nothing and takes <see cref="Secret"/>.</summary>
    /// <param name="poison">A text that makes it refuse an item; null for none.</param>
    private protected abstract ISimulatedProduct Create(string? poison = null);

    /// <summary>What the product holds, each thing by its name.</summary>
    private protected abstract IReadOnlyList<string> Held(ISimulatedProduct product);

    /// <summary>What the product holds of a threat, as <see cref="Held"/> names it.</summary>
    private protected abstract IEnumerable<string> Expected(ScenarioThreat threat);

    /// <summary>Writes the section of the product.</summary>
    private protected abstract void Configure(Installation installation, Uri address, string secret);

    /// <summary>The section, for keys that all products have.</summary>
    private protected abstract string Section { get; }

    /// <summary>Whether things of withdrawn threats disappear. Otherwise the product is notified.</summary>
    private protected virtual bool TakesBack => true;

    /// <summary>Whether the product knows what it has already when it comes again.</summary>
    private protected virtual bool RecognizesRepeats => true;

    /// <summary>Asks for nothing below Moderate.</summary>
    private protected virtual void RaiseMinimum(Installation installation) => installation.Set(Section, "minimum_impact", "moderate");

    /// <summary>Things that come with a new indicator besides itself.</summary>
    private protected virtual IEnumerable<string> ComesWithChange(ScenarioThreat threat) => [];

    [Fact]
    public async Task A_backfill_is_there_and_a_second_run_sends_nothing()
    {
        await using var scene = await SceneAsync(First, Second, Page);

        var summary = await scene.RunAsync();

        Assert.Equal((ExitCode.Done, null), (summary.ExitCode, summary.Fault));
        AssertHeld(scene, [First, Second, Page]);
        var requests = scene.Server.Count;
        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);
        Assert.Equal(requests, scene.Server.Count);
        AssertHeld(scene, [First, Second, Page]);
    }

    [Fact]
    public async Task A_new_indicator_of_a_known_threat_is_the_only_new_thing()
    {
        await using var scene = await SceneAsync(First, Second);
        await scene.RunAsync();
        var before = Held(scene.Product);
        var changed = Second with { Domains = [.. Second.Domains, "new.example"], Revision = 1 };
        scene.Api.Publish(changed.Json());

        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);

        var added = Held(scene.Product).ToList();
        before.ToList().ForEach(thing => added.Remove(thing));
        Assert.Equal(Expected(changed).Except(Expected(Second)).Concat(ComesWithChange(changed)).Order(StringComparer.Ordinal), added.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_date_that_moved_alone_sends_nothing()
    {
        await using var scene = await SceneAsync(First, Second);
        await scene.RunAsync();
        var (before, requests) = (Held(scene.Product), scene.Server.Count);
        scene.Api.Publish((Second with { Revision = 5 }).Json());

        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);

        Assert.Equal(before, Held(scene.Product));
        Assert.Equal(requests, scene.Server.Count);
    }

    [Fact]
    public async Task A_withdrawal_takes_back_what_no_other_threat_carries()
    {
        await using var scene = await SceneAsync(First, Second);
        await scene.RunAsync();
        scene.Api.Withdraw(Second.Id);

        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);

        if (TakesBack)
        {
            AssertHeld(scene, [First]);
        }
        else
        {
            AssertWithdrawn(scene.Product, Second);
        }
    }

    [Fact]
    public async Task What_falls_below_the_lowest_impact_is_taken_back_unless_another_threat_has_it_above()
    {
        var rated = Second with { Domains = [.. Second.Domains, "falls.example"] };
        await using var scene = await SceneAsync(First, rated);
        RaiseMinimum(scene.Installation);
        scene.Installation.Save();
        await scene.RunAsync();
        var fallen = rated with { Domains = ["two.example"], LesserDomains = ["falls.example", "shared.example"], Revision = 1 };
        scene.Api.Publish(fallen.Json());

        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);

        if (TakesBack)
        {
            AssertHeld(scene, [First, fallen]);
        }
    }

    [Fact]
    public async Task What_is_older_than_it_is_kept_is_taken_back_and_comes_again_with_a_new_version()
    {
        var (old, older) = (First with { Age = 30 }, Page with { Age = 100 });
        await using var scene = await SceneAsync(old, Second, older);
        if (!TakesBack)
        {
            return;
        }

        scene.Installation.Set(Section, "retention_days", "60").Save();
        await scene.RunAsync();
        AssertHeld(scene, [old, Second]);
        scene.Installation.Set(Section, "retention_days", "10").Save(scene.Installation.Position);
        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);
        AssertHeld(scene, [Second]);
        var requests = scene.Server.Count;
        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);
        Assert.Equal(requests, scene.Server.Count);

        scene.Api.Publish((First with { Age = 0 }).Json());

        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);
        AssertHeld(scene, [First, Second]);
    }

    [Fact]
    public async Task What_the_section_does_not_say_is_as_in_integration_defaults()
    {
        await using var scene = await SceneAsync(First, Second, Page);
        scene.Installation.Set("integration_defaults", "products", "intelligence").Set("integration_defaults", "retract", "False").Save();
        await scene.RunAsync();
        AssertHeld(scene, [First, Second]);
        scene.Api.Withdraw(Second.Id);

        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);

        AssertHeld(scene, [First, Second]);
    }

    [Fact]
    public async Task A_product_that_is_down_delays_no_position_and_gets_everything_later()
    {
        await using var scene = await SceneAsync(First, Second);
        scene.Server.Always(_ => ProductAnswer.Json(503, "{}"));

        var down = await scene.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, Faults.DestinationUnavailable), (down.ExitCode, down.Fault?.Kind));
        Assert.Equal(scene.Api.CurrentPosition, scene.Installation.Position);
        scene.Server.Always(null);
        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);
        AssertHeld(scene, [First, Second]);
    }

    [Fact]
    public async Task A_connection_that_breaks_behind_the_work_leaves_each_thing_there()
    {
        await using var scene = await SceneAsync(First, Second);
        scene.Installation.Set(Section, "max_retries", "3").Save();
        scene.Server.Always(Breaking(scene.Product));

        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);

        scene.Server.Always(null);
        AssertHeld(scene, [First, Second], mayRepeat: true);
    }

    [Fact]
    public async Task One_bad_record_is_one_dead_letter_and_the_others_are_there()
    {
        var bad = Second with { Domains = ["poisoned.example"], Addresses = [], Urls = [], Label = "poisoned.example" };
        await using var scene = await SceneAsync("poisoned.example", First, bad, Page);

        var summary = await scene.RunAsync();

        Assert.Equal(ExitCode.DoneWithDeadLetters, summary.ExitCode);
        using (var state = StateStore.Open(scene.Installation.StatePath))
        {
            var letters = await state.GetDeadLettersAsync(Stop);
            Assert.NotEmpty(letters);
            Assert.All(letters, letter => Assert.Equal((DeadLetterKind.QueueItem, bad.Id), (letter.Place.Kind, letter.Place.Threat?.ToString())));
        }

        AssertHeld(scene, [First, Page], mayRepeat: !RecognizesRepeats);
        scene.AssertNoSecret(Secret);
    }

    [Fact]
    public async Task The_same_number_in_malware_and_phish_is_two_things()
    {
        var page = Page with { Number = First.Number };
        await using var scene = await SceneAsync(First, page);

        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);

        AssertHeld(scene, [First, page]);
    }

    [Fact]
    public async Task Characters_of_all_sorts_arrive()
    {
        var odd = First with
        {
            Label = "Größe = 1|2, \"quoted\" 'x'\\ 請求書\nsecond line",
            Subject = "a=b|c,\"d\"\r\nRe: 請求書",
            FileName = "請求書, \"1\"|=.exe",
            Urls = ["http://one.example/%2F..%2f?q=a+b&c=%20%3D#frag|x"],
        };
        await using var scene = await SceneAsync(odd);

        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);

        AssertHeld(scene, [odd]);
        AssertIntact(scene.Product, odd);
    }

    [Fact]
    public async Task Wrong_credentials_stop_this_product_alone_and_are_written_nowhere()
    {
        const string Wrong = "wr0ng-Secret-Of-The-Scenarios-0123456789abc";
        await using var scene = await SceneAsync(First);
        Configure(scene.Installation, scene.Server.Address, Wrong);
        scene.Installation.Set("local_log", "log_level", "debug").WithOutput("json", files: false).Save();

        var summary = await scene.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, Faults.DestinationCredentialsRefused), (summary.ExitCode, summary.Fault?.Kind));
        Assert.Contains(First.Number.ToString(System.Globalization.CultureInfo.InvariantCulture), File.ReadAllText(scene.Installation.AppendPath("json")), StringComparison.Ordinal);
        Assert.Empty(Held(scene.Product));
        scene.AssertNoSecret(Wrong);
        Configure(scene.Installation, scene.Server.Address, Secret);
        scene.Installation.Save(scene.Installation.Position);
        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);
        AssertHeld(scene, [First]);
        scene.AssertNoSecret(Secret);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        using var certificates = new TestCertificates();
        var product = Create();
        await using var server = await ProductServer.StartAsync(product, certificates.Server);
        await using var api = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 0 }, Stop);
        api.Publish(First.Json());
        using var installation = new Installation(api).Set("local_sqlite", "use", "True");
        Configure(installation, server.Address, Secret);
        installation.Set(Section, "max_retries", "2").Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, Faults.DestinationCertificateRefused), (summary.ExitCode, summary.Fault?.Kind));
        Assert.Equal(0, server.Count);
        installation.Set(Section, "ca_file", certificates.AuthorityFile).Save(installation.Position);
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal(Expected(First).Order(StringComparer.Ordinal), Held(product).Order(StringComparer.Ordinal));
    }

    [Theory]
    [Trait("Case", "T02")]
    [InlineData(200, "text/html", "<html>Sign in</html>")]
    [InlineData(200, "application/json", "{}")]
    [InlineData(200, "application/json", "")]
    [InlineData(302, "text/html", "")]
    public async Task A_success_that_is_not_the_products_own_delivers_nothing(int status, string mediaType, string body)
    {
        await using var scene = await SceneAsync(First);
        scene.Server.Always(_ => new ProductAnswer(status, mediaType, System.Text.Encoding.UTF8.GetBytes(body)));

        var summary = await scene.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, Faults.DestinationAnswerInvalid), (summary.ExitCode, summary.Fault?.Kind));
        Assert.Contains(scene.Server.Address.Authority, summary.Fault!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Sign in", summary.Fault.Message, StringComparison.Ordinal);
        Assert.Empty(Held(scene.Product));
        scene.Server.Always(null);
        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);
        AssertHeld(scene, [First]);
    }

    [Fact]
    [Trait("Case", "T05")]
    public async Task A_product_that_refuses_everything_is_asked_a_handful_of_times_and_fills_no_dead_letters()
    {
        ScenarioThreat[] many = [.. Enumerable.Range(1, 60).Select(n => First with { Number = n, Domains = [$"host{n}.example"], Addresses = [], Urls = [], Hashes = [] })];
        await using var scene = await SceneAsync(many);
        scene.Server.Always(request =>
            request.Method == "GET" ? null : ProductAnswer.Json(400, """{"code":6,"text":"Invalid data format","message":"no","description":"no"}"""));

        var summary = await scene.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, Faults.DestinationMisconfigured), (summary.ExitCode, summary.Fault?.Kind));
        Assert.InRange(scene.Server.Requests.Count(request => request.Method != "GET"), 1, 8);
        scene.Server.Always(null);
        Assert.Equal(ExitCode.Done, (await scene.RunAsync()).ExitCode);
        AssertHeld(scene, many);
    }

    [Theory]
    [InlineData("http-sent")]
    [InlineData("queue-removed")]
    public async Task A_kill_repeats_nothing_that_the_product_recognizes(string step)
    {
        await using var scene = await SceneAsync(First, Second);
        Installation? killed = null;
        await scene.Installation.RunAsync(step: name => killed ??= name == step ? scene.Installation.Copy() : null);
        Assert.NotNull(killed);
        using var next = killed;

        Assert.Equal(ExitCode.Done, (await next.RunAsync()).ExitCode);

        AssertHeld(scene, [First, Second], mayRepeat: !RecognizesRepeats);
    }

    [Fact]
    public async Task What_was_taken_back_by_a_run_that_was_killed_comes_again_with_its_threat()
    {
        await using var scene = await SceneAsync(First, Second);
        await scene.RunAsync();
        scene.Api.Withdraw(Second.Id);
        using var killed = await KilledAsync(scene);
        scene.Api.Restore(Second.Id);

        Assert.Equal(ExitCode.Done, (await killed.RunAsync()).ExitCode);

        if (TakesBack)
        {
            AssertHeld(scene, [First, Second]);
        }
    }

    [Fact]
    public async Task What_was_delivered_by_a_run_that_was_killed_is_taken_back_with_its_threat()
    {
        await using var scene = await SceneAsync(First);
        await scene.RunAsync();
        scene.Api.Publish(Second.Json());
        using var killed = await KilledAsync(scene);
        scene.Api.Withdraw(Second.Id);

        Assert.Equal(ExitCode.Done, (await killed.RunAsync()).ExitCode);

        if (TakesBack)
        {
            AssertHeld(scene, [First]);
        }
    }

    /// <summary>A run that dies when the product has done its work and nothing says so yet.</summary>
    private static async Task<Installation> KilledAsync(Scene scene)
    {
        Installation? killed = null;
        await scene.Installation.RunAsync(step: name => killed ??= name == "http-sent" ? scene.Installation.Copy() : null);
        Assert.NotNull(killed);
        return killed;
    }

    /// <summary>How a withdrawal looks at a product that nothing is taken back from.</summary>
    private protected virtual void AssertWithdrawn(ISimulatedProduct product, ScenarioThreat threat)
    {
    }

    /// <summary>How odd characters look at the product, where <see cref="Expected"/> does not say so.</summary>
    private protected virtual void AssertIntact(ISimulatedProduct product, ScenarioThreat threat)
    {
    }

    private protected void AssertHeld(Scene scene, IEnumerable<ScenarioThreat> threats, bool mayRepeat = false)
    {
        var held = Held(scene.Product);
        Assert.Equal(
            threats.SelectMany(Expected).Distinct().Order(StringComparer.Ordinal),
            (mayRepeat && !RecognizesRepeats ? held.Distinct() : held).Order(StringComparer.Ordinal));
        if (mayRepeat && !RecognizesRepeats)
        {
            Assert.All(held.CountBy(thing => thing), thing => Assert.InRange(thing.Value, 1, 2));
        }
    }

    private protected Task<Scene> SceneAsync(params ScenarioThreat[] threats) => SceneAsync(null, threats);

    private protected async Task<Scene> SceneAsync(string? poison, params ScenarioThreat[] threats)
    {
        var product = Create(poison);
        var server = await ProductServer.StartAsync(product);
        var api = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 0 }, Stop);
        foreach (var threat in threats)
        {
            api.Publish(threat.Json());
        }

        var installation = new Installation(api).Set("local_sqlite", "use", "True");
        Configure(installation, server.Address, Secret);
        installation.Set(Section, "max_retries", "2").Save();
        return new Scene(product, server, api, installation);
    }

    /// <summary>The first call that does work is answered by silence, once.</summary>
    private static Func<ProductRequest, ProductAnswer?> Breaking(ISimulatedProduct product)
    {
        var isOver = false;
        return request =>
        {
            if (isOver || request.Method == "GET")
            {
                return null;
            }

            isOver = true;
            product.Answer(request);
            return ProductAnswer.Cut;
        };
    }

    /// <summary>A product, an API and an installation between them.</summary>
    private protected sealed class Scene(ISimulatedProduct product, ProductServer server, ThreatHqSimulator api, Installation installation) : IAsyncDisposable
    {
        public ISimulatedProduct Product => product;

        public ProductServer Server => server;

        public ThreatHqSimulator Api => api;

        public Installation Installation => installation;

        public Task<RunSummary> RunAsync() => installation.RunAsync();

        /// <summary>Log, state, summary and outputs: everything but config.ini itself, which a person wrote it into.</summary>
        public void AssertNoSecret(string secret)
        {
            byte[][] spellings =
            [
                System.Text.Encoding.UTF8.GetBytes(secret),
                System.Text.Encoding.UTF8.GetBytes(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(secret))),
            ];
            foreach (var path in Directory.EnumerateFiles(installation.Folder, "*", SearchOption.AllDirectories).Where(path => path != installation.ConfigurationPath))
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var content = new MemoryStream();
                file.CopyTo(content);
                Assert.All(spellings, spelling => Assert.True(content.ToArray().AsSpan().IndexOf(spelling) < 0, $"{Path.GetFileName(path)} holds the secret"));
            }
        }

        /// <summary>However a scenario ended, its artefacts hold no secret.</summary>
        public async ValueTask DisposeAsync()
        {
            AssertNoSecret(Secret);
            installation.Dispose();
            await api.DisposeAsync();
            await server.DisposeAsync();
        }
    }
}
