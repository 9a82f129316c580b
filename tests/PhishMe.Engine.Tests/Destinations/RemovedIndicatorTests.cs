using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using static PhishMe.Engine.Tests.Rendering.StixBundleChecker;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>The field case of an indicator that the vendor takes back while its threat stays, through whole runs.</summary>
public sealed class RemovedIndicatorTests
{
    private const string Kept = "keep08.example";
    private const string Gone = "falsepositive08.example";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_stix_stream_revokes_it_and_a_queue_and_a_misp_event_take_it_back()
    {
        await using var simulator = await StartAsync();
        using var installation = Everywhere(simulator, store: true);
        var target = new ToyTarget();
        await RunAsync(installation, target);
        Assert.Empty(target.KeysOf(DeliveryVerb.Retract));
        simulator.Publish(Case("after.json"));

        var summary = await RunAsync(installation, target);

        Assert.Equal((ExitCode.Done, 0), (summary.ExitCode, summary.Warnings.Count));
        Assert.All(summary.Destinations, destination => Assert.Equal(1, destination.Removed));
        Assert.Equal([Gone], target.KeysOf(DeliveryVerb.Retract));
        Assert.Equal([Gone], Revoked(await LastBundleAsync(installation)));
        Assert.Equal([Gone], Revoked(await File.ReadAllTextAsync(Assert.Single(Directory.EnumerateFiles(installation.FilesPath("stix"), "m_9108.json")), Stop)));
        Assert.Equal([(Gone, true), (Kept, false)], Attributes(target.Taken.Last(item => item.Verb == DeliveryVerb.Upsert).Payload).Order());
    }

    [Fact]
    public async Task Another_live_threat_with_the_same_indicator_keeps_it()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Other());
        using var installation = Everywhere(simulator, store: true);
        var target = new ToyTarget();
        await RunAsync(installation, target);
        simulator.Publish(Case("after.json"));

        var summary = await RunAsync(installation, target);

        Assert.All(summary.Destinations, destination => Assert.Equal((1, 0), (destination.Delivered, destination.Removed)));
        Assert.Empty(target.KeysOf(DeliveryVerb.Retract));
        Assert.Empty(Revoked(await LastBundleAsync(installation)));
    }

    [Fact]
    public async Task An_indicator_that_moves_to_another_threat_in_the_same_batch_stays()
    {
        await using var simulator = await StartAsync();
        using var installation = Everywhere(simulator, store: true);
        var target = new ToyTarget();
        await RunAsync(installation, target);
        simulator.Publish(Case("after.json"));
        simulator.Publish(Other());

        await RunAsync(installation, target);

        Assert.Empty(target.KeysOf(DeliveryVerb.Retract));
    }

    [Fact]
    public async Task A_withdrawn_threat_takes_back_what_no_other_live_threat_carries()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Other());
        using var installation = Everywhere(simulator, store: true);
        var target = new ToyTarget();
        await RunAsync(installation, target);
        simulator.Withdraw("m_9108");

        await RunAsync(installation, target);

        Assert.Equal([Kept], target.KeysOf(DeliveryVerb.Retract));
    }

    [Fact]
    public async Task Without_the_store_nothing_is_known_of_the_version_before()
    {
        await using var simulator = await StartAsync();
        using var installation = Everywhere(simulator, store: false);
        var target = new ToyTarget();
        await RunAsync(installation, target);
        simulator.Publish(Case("after.json"));

        var summary = await RunAsync(installation, target);

        Assert.All(summary.Destinations, destination => Assert.Equal((1, 0), (destination.Delivered, destination.Removed)));
        Assert.Empty(target.KeysOf(DeliveryVerb.Retract));
        Assert.Empty(Revoked(await LastBundleAsync(installation)));
    }

    [Fact]
    public async Task A_removal_under_an_unmoved_date_is_a_later_version()
    {
        await using var simulator = await StartAsync();
        using var installation = Everywhere(simulator, store: true);
        var target = new ToyTarget();
        await RunAsync(installation, target);
        var before = Objects(await LastBundleAsync(installation));
        var after = Document("after.json");
        after["lastPublished"] = Document("before.json")["lastPublished"]!.GetValue<long>();
        simulator.Publish(after);

        await RunAsync(installation, target);

        var bundle = await LastBundleAsync(installation);
        Assert.Equal([Gone], Revoked(bundle));
        Assert.All(
            Objects(bundle).Where(one => Type(one) is "indicator" or "report"),
            one => Assert.True(string.CompareOrdinal(Text(one, "modified"), Text(before.Single(other => Id(other) == Id(one)), "modified")) > 0, one.ToString()));
    }

    private static Task<ThreatHqSimulator> StartAsync() => StartAsync(Case("before.json"));

    private static async Task<ThreatHqSimulator> StartAsync(ReadOnlyMemory<byte> threat)
    {
        var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 0 }, Stop);
        simulator.Publish(threat);
        return simulator;
    }

    private static Installation Everywhere(ThreatHqSimulator simulator, bool store) => new Installation(simulator)
        .WithOutput("stix", splitByDate: false).Set("integration_raw_stix", "version", "2.1")
        .Set("local_sqlite", "use", store.ToString())
        .Set("toy_target", "use", "True")
        .Save();

    private static Task<RunSummary> RunAsync(Installation installation, ToyTarget target) =>
        installation.RunAsync(products: [.. Engine.Destinations.Products.ProductCatalogue.All, target]);

    private static byte[] Case(string name) => File.ReadAllBytes(Path.Combine(SharedMaterial.Folder("cases", "indicator-taken-back"), name));

    private static JsonObject Document(string name) => JsonNode.Parse(Case(name))!.AsObject();

    /// <summary>Another threat with the indicators of the first version.</summary>
    private static JsonObject Other()
    {
        var other = Document("before.json");
        other["id"] = 9109;
        other["blockSet"]!.AsArray().RemoveAt(0);
        return other;
    }

    private static async Task<string> LastBundleAsync(Installation installation) => (await File.ReadAllLinesAsync(installation.AppendPath("stix"), Stop))[^1];

    private static IEnumerable<string?> Revoked(string bundle) =>
        from one in Objects(bundle)
        where Type(one) == "indicator" && one.TryGetProperty("revoked", out var revoked) && revoked.GetBoolean()
        select Text(one, "name");

    private static string? Text(JsonElement one, string name) => one.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static List<(string Value, bool Deleted)> Attributes(string misp)
    {
        var found = new List<(string, bool)>();
        Walk(JsonDocument.Parse(Encoding.UTF8.GetBytes(misp)).RootElement);
        return found;

        void Walk(JsonElement element)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    if (element.TryGetProperty("value", out var value) && element.TryGetProperty("category", out _)
                        && value.GetString() is string text && (text == Kept || text == Gone))
                    {
                        found.Add((text, element.TryGetProperty("deleted", out var deleted) && deleted.ValueKind == JsonValueKind.True));
                    }

                    foreach (var property in element.EnumerateObject())
                    {
                        Walk(property.Value);
                    }

                    break;
                case JsonValueKind.Array:
                    foreach (var item in element.EnumerateArray())
                    {
                        Walk(item);
                    }

                    break;
                default:
                    break;
            }
        }
    }
}
