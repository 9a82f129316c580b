using PhishMe.Engine.Destinations.Products;
using PhishMe.Engine.Running;
using PhishMe.Engine.Tests.Destinations;
using PhishMe.Engine.Tests.Destinations.Syslog;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>The check asks the target of each queue whether it would take what a run sends.</summary>
public sealed class TargetCheckTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_queued_product_answers_for_itself(bool isDown)
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 1 }, TestContext.Current.CancellationToken);
        using var installation = new Installation(simulator).WithOutput("json").Set("toy_target", "use", "True").Save();

        var results = (await CheckAsync(installation, new ToyTarget { IsDown = isDown })).Where(result => result.Subject.StartsWith("[toy_target]", StringComparison.Ordinal));

        Assert.Equal(
            isDown ? [("[toy_target] Address", CheckOutcome.Pass), ("[toy_target] Target", CheckOutcome.Fail)] : [("[toy_target] Address", CheckOutcome.Pass)],
            results.Select(result => (result.Subject, result.Outcome)));
        Assert.False(File.Exists(installation.StatePath));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_collector_that_accepts_no_connection_fails(bool isDown)
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 1 }, TestContext.Current.CancellationToken);
        await using var collector = new LoopbackCollector();
        var endpoint = collector.Endpoint;
        if (isDown)
        {
            collector.StopListening();
        }

        using var installation = new Installation(simulator).WithSyslog(endpoint).Save();

        var result = Assert.Single(await CheckAsync(installation), result => result.Subject == "[integration_raw_cef] Syslog");

        Assert.Equal(isDown ? CheckOutcome.Fail : CheckOutcome.Pass, result.Outcome);
        Assert.Contains($":{endpoint.Port}", result.Message, StringComparison.Ordinal);
    }

    private static async Task<List<CheckResult>> CheckAsync(Installation installation, params IReadOnlyList<ToyTarget> targets)
    {
        var results = new List<CheckResult>();
        await foreach (var result in new Checkup(new EngineSettings { Products = [.. ProductCatalogue.All, .. targets] }, installation.ConfigurationPath)
            .RunAsync(TestContext.Current.CancellationToken))
        {
            results.Add(result);
        }

        return results;
    }
}
