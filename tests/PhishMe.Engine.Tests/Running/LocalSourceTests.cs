using PhishMe.Engine.Tests.Rendering;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary><c>source = local</c>: the same CEF without asking for it, STIX of either version.</summary>
public sealed class LocalSourceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Local_and_api_give_the_same_cef_and_local_asks_only_for_json()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(
            new SimulatorOptions { Threats = 1200, Seed = 3, LoadFolder = SharedMaterial.Root is string root ? Path.Combine(root, "fixtures", "threats") : null }, Token);
        using var api = new Installation(simulator).WithOutput("cef", append: false, splitByDate: false).Set("pm_api", "init_date", "2016-01-01").Save();
        using var local = new Installation(simulator).WithOutput("cef", append: false, splitByDate: false).Set("pm_api", "init_date", "2016-01-01")
            .Set("integration_raw_cef", "source", "local").Save();
        Assert.Equal(ExitCode.Done, (await api.RunAsync()).ExitCode);
        simulator.Requests.Clear();

        Assert.Equal(ExitCode.Done, (await local.RunAsync()).ExitCode);

        Assert.Equal(["feed", "search", "updates"], simulator.Requests.CountByRoute().Keys.Order(StringComparer.Ordinal));
        var expected = api.OutputFiles();
        var actual = local.OutputFiles();
        Assert.Equal(expected.Keys, actual.Keys);
        foreach ((var name, var lines) in expected)
        {
            Assert.Equal(Samples.WithoutControls(lines), actual[name]);
        }
    }

    [Theory]
    [InlineData("1.1.1", ".xml", "<stix:STIX_Package")]
    [InlineData("2.1", ".json", "\"spec_version\":\"2.1\"")]
    public async Task Stix_of_either_version_is_made_here(string version, string extension, string sign)
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 30 }, Token);
        using var installation = new Installation(simulator).WithOutput("stix", splitByDate: false)
            .Set("integration_raw_stix", "source", "local").Set("integration_raw_stix", "version", version).Save();

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.Done, 30), (summary.ExitCode, summary.Outputs.Single().FilesWritten));
        var files = Directory.GetFiles(installation.FilesPath("stix"));
        Assert.All(files, file => Assert.Equal(extension, Path.GetExtension(file)));
        Assert.All(files, file => Assert.Contains(sign, File.ReadAllText(file), StringComparison.Ordinal));
        Assert.DoesNotContain("stix", simulator.Requests.CountByRoute().Keys);
    }
}
