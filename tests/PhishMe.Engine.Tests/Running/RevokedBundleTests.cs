using System.Text.Json;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using static PhishMe.Engine.Tests.Rendering.StixBundleChecker;

namespace PhishMe.Engine.Tests.Running;

/// <summary>STIX 2.1 has a word for what was taken back: the append stream revokes it, once, under the ids it was delivered with.</summary>
public sealed class RevokedBundleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_the_store_every_delivered_object_is_revoked_and_the_file_goes(bool splitByDate)
    {
        await using var simulator = await StartAsync();
        using var installation = Bundles(simulator, splitByDate).Set("integration_raw_stix", "tlp", "amber").Set("local_sqlite", "use", "True").Save();
        await installation.RunAsync();
        var id = IdOf(simulator, 2);
        string[] delivered = [.. (await BundlesAsync(installation)).Where(bundle => IsOf(bundle, id))];
        var bundles = (await BundlesAsync(installation)).Length;

        simulator.Withdraw(id);
        var summary = await installation.RunAsync();
        await installation.RunAsync();

        Assert.Equal((ExitCode.Done, 1), (summary.ExitCode, summary.Withdrawn));
        var all = await BundlesAsync(installation);
        Assert.Equal(bundles + 1, all.Length);
        AssertRevoked(Assert.Single(delivered), all[^1]);
        Assert.DoesNotContain(
            Directory.EnumerateFiles(installation.FilesPath("stix"), "*", SearchOption.AllDirectories), file => Path.GetFileName(file) == id + ".json");
    }

    [Fact]
    public async Task Without_the_store_the_report_is_revoked_under_its_id()
    {
        await using var simulator = await StartAsync();
        using var installation = Bundles(simulator).Save();
        await installation.RunAsync();
        var id = IdOf(simulator, 5);
        var delivered = Report((await BundlesAsync(installation)).Single(bundle => IsOf(bundle, id)));

        simulator.Withdraw(id);
        await installation.RunAsync();
        await installation.RunAsync();

        var all = await BundlesAsync(installation);
        Assert.Equal(simulator.Options.Threats + 1, all.Length);
        Assert.Equal(["identity", "report"], Objects(all[^1]).Select(Type));
        var revoked = Report(all[^1]);
        Assert.True(revoked.GetProperty("revoked").GetBoolean());
        Assert.Equal((Id(delivered), Text(delivered, "created")), (Id(revoked), Text(revoked, "created")));
        AssertIsLater(delivered, revoked);
    }

    [Fact]
    public async Task A_threat_the_state_knows_nothing_of_is_revoked_in_a_version_of_now()
    {
        await using var simulator = await StartAsync();
        using var installation = Bundles(simulator).Save();
        await installation.RunAsync();
        var id = IdOf(simulator, 1);
        var delivered = Report((await BundlesAsync(installation)).Single(bundle => IsOf(bundle, id)));
        File.Delete(installation.StatePath);

        simulator.Withdraw(id);
        await installation.RunAsync();

        var revoked = Report((await BundlesAsync(installation)).Last(bundle => IsOf(bundle, id)));
        Assert.True(revoked.GetProperty("revoked").GetBoolean());
        AssertIsLater(delivered, revoked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_threat_that_comes_back_is_delivered_again_later_than_its_revocation_and_can_be_revoked_again(bool store)
    {
        await using var simulator = await StartAsync();
        using var installation = Bundles(simulator).Set("local_sqlite", "use", store.ToString()).Save();
        await installation.RunAsync();
        var id = IdOf(simulator, 3);
        simulator.Withdraw(id);
        await installation.RunAsync();

        simulator.Restore(id);
        await installation.RunAsync();
        Assert.Single(Directory.EnumerateFiles(installation.FilesPath("stix"), id + ".json", SearchOption.AllDirectories));
        simulator.Withdraw(id);
        await installation.RunAsync();

        JsonElement[] versions = [.. (await BundlesAsync(installation)).Where(bundle => IsOf(bundle, id)).Select(Report)];
        Assert.Equal([false, true, false, true], versions.Select(version => version.TryGetProperty("revoked", out _)));
        Assert.Single(versions.Select(Id).Distinct());
        Assert.All(versions.Zip(versions.Skip(1)), pair => AssertIsLater(pair.First, pair.Second));
    }

    private static Task<ThreatHqSimulator> StartAsync() => ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 12 }, Token);

    private static Installation Bundles(ThreatHqSimulator simulator, bool splitByDate = false) =>
        new Installation(simulator).WithOutput("stix", splitByDate: splitByDate).Set("integration_raw_stix", "version", "2.1");

    /// <summary>The bundles of the append file, each checked where the schemas are.</summary>
    private static async Task<string[]> BundlesAsync(Installation installation)
    {
        var checker = SharedMaterial.Root is null ? null : Load();
        var bundles = await File.ReadAllLinesAsync(installation.AppendPath("stix"), Token);
        Assert.All(bundles, bundle => checker?.AssertValid(bundle, installation.AppendPath("stix")));
        return bundles;
    }

    private static void AssertRevoked(string delivered, string revoked)
    {
        var before = Objects(delivered);
        var after = Objects(revoked);
        Assert.Equal(before.Select(Id), after.Select(Id));
        Assert.Contains(before, one => Type(one) == "indicator");
        foreach ((var first, var last) in before.Zip(after).Where(pair => Type(pair.First) is "indicator" or "relationship" or "report"))
        {
            Assert.False(first.TryGetProperty("revoked", out _));
            Assert.True(last.GetProperty("revoked").GetBoolean());
            Assert.Equal(Text(first, "created"), Text(last, "created"));
            Assert.Equal("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", last.GetProperty("object_marking_refs")[0].GetString());
            AssertIsLater(first, last);
        }
    }

    private static void AssertIsLater(JsonElement first, JsonElement last) =>
        Assert.True(string.CompareOrdinal(Text(last, "modified"), Text(first, "modified")) > 0, $"{last} does not supersede {first}");

    private static JsonElement Report(string bundle) => Objects(bundle).Single(one => Type(one) == "report");

    private static bool IsOf(string bundle, string id) =>
        Report(bundle).GetProperty("external_references")[0].GetProperty("external_id").GetString() == id;

    private static string IdOf(ThreatHqSimulator simulator, int index) => $"{simulator.Threats[index].Type[0]}_{simulator.Threats[index].Id}";

    private static string? Text(JsonElement one, string property) => one.GetProperty(property).GetString();
}
