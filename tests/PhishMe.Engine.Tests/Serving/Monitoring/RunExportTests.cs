using Microsoft.Extensions.Time.Testing;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Running;
using PhishMe.Engine.Running.Measuring;
using PhishMe.Engine.Serving.Measuring;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Serving.Monitoring;

/// <summary>A run hands its figures to a collector, and nothing that is wrong with the collector is anything to the run.</summary>
public sealed class RunExportTests
{
    private const string Key = "a-key-that-is-for-the-collector-alone";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_sends_the_figures_that_its_text_file_has()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 12 }, Stop);
        using var installation = Installed(simulator, receiver.Address).Set("local_metrics", "textfile", "run.prom").Set("local_metrics", "otlp_headers", $"api-key={Key}, x-tenant=a%2Cb").Save();

        var summary = await installation.RunAsync();
        var request = await receiver.NextAsync();

        Assert.Equal((ExitCode.Done, 12), (summary.ExitCode, summary.Received));
        Assert.Empty(summary.Warnings);
        Assert.Equal("POST /v1/metrics", request.Line);
        Assert.Equal(("application/x-protobuf", Key, "a,b", "PhishMe.PowerShell/1.0.0"), (request.Headers["Content-Type"], request.Headers["api-key"], request.Headers["x-tenant"], request.Headers["User-Agent"]));
        Assert.Equal(("phishme", "1.0.0", Environment.MachineName), (request.Resource["service.name"], request.Resource["service.version"], request.Resource["host.name"]));
        Assert.EndsWith(installation.ConfigurationPath, request.Resource["service.instance.id"], StringComparison.Ordinal);
        Assert.Equal(12, request.Value("phishme_run_threats_received"));
        Assert.Equal(12, request.Value("phishme_destination_delivered", ("destination", "raw_json")));
        Assert.Equal(
            (await File.ReadAllLinesAsync(installation.InFolder("run.prom"), Stop)).Where(line => line[0] != '#').Select(line => line.Split('{', ' ')[0]).Distinct(),
            request.Metrics.Select(metric => metric.Name));
        Assert.All(request.Metrics, metric => Assert.False(metric.IsSum));
    }

    [Fact]
    public async Task No_secret_leaves_with_the_figures()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Stop);
        using var installation = Installed(simulator, receiver.Address).Set("local_metrics", "otlp_headers", $"api-key={Key}").Save();
        await installation.RunAsync();
        installation.Set("pm_api", "pass", new string('x', 32)).Save();
        var failed = await installation.RunAsync();
        receiver.Status = 500;
        var warned = await installation.RunAsync();

        foreach (var request in (OtlpRequest[])[await receiver.NextAsync(), await receiver.NextAsync(), await receiver.NextAsync()])
        {
            foreach (var secret in (string[])[simulator.Options.User, simulator.Options.Password, new('x', 32), Key])
            {
                Assert.DoesNotContain(secret, request.Text, StringComparison.Ordinal);
                Assert.DoesNotContain(request.Headers, header => header.Key != "api-key" && header.Value.Contains(secret, StringComparison.Ordinal));
            }
        }

        Assert.Equal(ExitCode.CredentialsRefused, failed.ExitCode);
        Assert.DoesNotContain(warned.Warnings, text => text.Contains(Key, StringComparison.Ordinal));
        Assert.DoesNotContain(Key, await File.ReadAllTextAsync(installation.LogPath, Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_is_down_is_one_warning()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Stop);
        Uri address;
        await using (var gone = await OtlpReceiver.StartAsync())
        {
            address = gone.Address;
        }

        using var installation = Installed(simulator, address);

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.Done, 3), (summary.ExitCode, summary.Received));
        var warning = Assert.Single(summary.Warnings);
        Assert.Contains($"The collector {address.Authority} cannot be reached: ", warning, StringComparison.Ordinal);
        Assert.EndsWith(" Correct otlp_endpoint in [local_metrics], or start the collector.", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(503)]
    [InlineData(307)]
    public async Task What_is_no_success_is_one_warning_and_no_one_else_gets_the_figures(int status)
    {
        await using var other = await OtlpReceiver.StartAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        (receiver.Status, receiver.Location) = (status, new Uri(other.Address, "v1/metrics"));
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Stop);
        using var installation = Installed(simulator, receiver.Address);

        var summary = await installation.RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Contains($" answered {status} ", Assert.Single(summary.Warnings), StringComparison.Ordinal);
        Assert.Equal((1, 0), (receiver.Waiting, other.Waiting));
    }

    [Fact]
    public async Task A_collector_that_never_answers_is_waited_for_three_seconds_when_others_may_run_already()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Hangs = true;
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Stop);
        using var installation = Installed(simulator, receiver.Address);
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);

        var run = installation.RunAsync(clock: clock);
        await receiver.NextAsync();

        Assert.False(File.Exists(installation.LockPath));
        Assert.False(run.IsCompleted);
        clock.Advance(RunMonitoring.CollectorLimit);
        var summary = await run;
        Assert.Equal((ExitCode.Done, 3), (summary.ExitCode, summary.Received));
        Assert.Contains("did not answer within 3 seconds", Assert.Single(summary.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_waits_for_no_collector()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Hangs = true;
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Stop);
        using var installation = Installed(simulator, receiver.Address);
        using var stop = new CancellationTokenSource();

        var run = installation.RunAsync(clock: new FakeTimeProvider(DateTimeOffset.UtcNow), stop: stop);
        await receiver.NextAsync();
        await stop.CancelAsync();

        Assert.Empty((await run).Warnings);
    }

    [Fact]
    public async Task A_dry_run_sends_nothing()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Stop);
        using var installation = Installed(simulator, receiver.Address);

        await installation.RunAsync(dryRun: true);

        Assert.Equal(0, receiver.Waiting);
    }

    /// <summary>The check of a configuration asks the collector without a figure.</summary>
    [Fact]
    public async Task The_check_says_whether_the_collector_takes_figures()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Stop);
        using var installation = Installed(simulator, receiver.Address);

        Assert.Equal(CheckOutcome.Pass, (await LookAsync()).Outcome);
        Assert.Empty((await receiver.NextAsync()).Body);
        receiver.Status = 404;
        var warned = await LookAsync();
        Assert.Equal(CheckOutcome.Warn, warned.Outcome);
        Assert.Contains("answered 404", warned.Message, StringComparison.Ordinal);

        async Task<CheckResult> LookAsync()
        {
            var results = new List<CheckResult>();
            await foreach (var result in new IntelligenceEngine(new EngineSettings()).CheckAsync(installation.ConfigurationPath, Stop))
            {
                results.Add(result);
            }

            return results.Single(result => result.Subject == "Metrics");
        }
    }

    [Fact]
    public async Task A_proxy_is_for_collectors_elsewhere()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var proxy = await OtlpReceiver.StartAsync();
        var settings = new ProxySettings { Http = proxy.Address, Https = proxy.Address };
        using var here = new OtlpCollector(new OtlpSettings { Address = receiver.Address }, settings, "1", TimeProvider.System);
        using var elsewhere = new OtlpCollector(new OtlpSettings { Address = new Uri("http://collector.invalid:4318/v1/metrics") }, settings, "1", TimeProvider.System);

        Assert.Null(await here.TryAskAsync(TimeSpan.FromMinutes(1), Stop));
        Assert.Equal((1, 0), (receiver.Waiting, proxy.Waiting));
        Assert.Null(await elsewhere.TryAskAsync(TimeSpan.FromMinutes(1), Stop));
        Assert.Equal("collector.invalid:4318", (await proxy.NextAsync()).Headers["Host"]);
    }

    /// <summary>Compiling ahead leaves out what it takes for unused, and OpenTelemetry is put together at run time.</summary>
    [Fact]
    public async Task The_native_program_sends_figures_too()
    {
        var native = PhishMeProcess.Native();
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Stop);
        using var installation = Installed(simulator, receiver.Address);

        var (exitCode, _, error) = await native.RunAsync(string.Empty, "sync", "-conf", installation.ConfigurationPath);

        Assert.True(exitCode == 0, error);
        var request = await receiver.NextAsync();
        Assert.Equal("phishme", request.Resource["service.name"]);
        Assert.Equal(3, request.Value("phishme_destination_delivered", ("destination", "raw_json")));
    }

    private static Installation Installed(ThreatHqSimulator simulator, Uri collector) =>
        new Installation(simulator).WithOutput("json").Set("local_metrics", "otlp_endpoint", collector.ToString()).Save();
}
