using System.Collections.Concurrent;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>A threat is parsed at most once in a run, however many need its model: rendering, the store, removals and products.</summary>
public sealed class ParsingTests
{
    private const int Threats = 20;

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Each_version_is_parsed_once(bool store, bool product)
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = Threats }, TestContext.Current.CancellationToken);
        using var installation = new Installation(simulator)
            .WithOutput("cef").Set("integration_raw_cef", "source", "local")
            .WithOutput("stix").Set("integration_raw_stix", "version", "2.1")
            .Set("local_sqlite", "use", store.ToString())
            .Set("toy_target", "use", product.ToString())
            .Save();

        var backfill = await ParsesAsync(installation);
        Assert.Equal(Threats, backfill.Count);
        Assert.All(backfill, parses => Assert.Equal(1, parses.Value));

        string[] changed = [.. simulator.Threats.Take(3).Select(threat => $"{threat.Type[0]}_{threat.Id}")];
        simulator.Withdraw($"{simulator.Threats[^1].Type[0]}_{simulator.Threats[^1].Id}");
        Array.ForEach(changed, simulator.Republish);
        var changes = await ParsesAsync(installation);

        // With the store the version before is read, too.
        Assert.Equal(store ? changed.Length * 2 : changed.Length, changes.Count);
        Assert.All(changes, parses => Assert.Equal(1, parses.Value));
    }

    /// <summary>How often each JSON text was parsed in a run.</summary>
    private static async Task<IReadOnlyDictionary<string, int>> ParsesAsync(Installation installation)
    {
        var parses = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var summary = await installation.RunAsync(
            products: [.. Engine.Destinations.Products.ProductCatalogue.All, new ToyTarget()],
            reader: json =>
            {
                parses.AddOrUpdate(System.Text.Encoding.UTF8.GetString(json.Span), 1, (_, count) => count + 1);
                return ReadThreat.Of(json);
            });
        Assert.Equal(ExitCode.Done, summary.ExitCode);
        return parses;
    }
}
