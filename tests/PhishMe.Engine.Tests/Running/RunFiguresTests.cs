using PhishMe.Engine.Serving.Measuring;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>The figures of a run for Prometheus.</summary>
public sealed class RunFiguresTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Labels_are_escaped_and_numbers_do_not_depend_on_the_culture()
    {
        var text = PrometheusText.Of(
        [
            new Figure("a", "Help.", [new FigureSample(1.5) { Labels = [new("one", "x\"y\\z\n"), new("two", "ü")] }]),
            Figure.Of("b", "Help.", 1764360000.25),
        ]);

        Assert.Equal("# HELP a Help.\n# TYPE a gauge\na{one=\"x\\\"y\\\\z\\n\",two=\"ü\"} 1.5\n# HELP b Help.\n# TYPE b gauge\nb 1764360000.25\n", text);
    }

    [Fact]
    public async Task A_run_leaves_its_figures_and_one_that_fails_keeps_the_time_of_the_last_good_one()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 12 }, Stop);
        using var installation = new Installation(simulator).WithOutput("json").Set("local_metrics", "textfile", "figures/phishme.prom").Save();
        Directory.CreateDirectory(Path.Combine(installation.Folder, "figures"));
        var file = Path.Combine(installation.Folder, "figures", "phishme.prom");

        var good = await installation.RunAsync();
        var first = Read(file);

        Assert.Equal((0, 12), (first["phishme_run_exit_code"], first["phishme_run_threats_received"]));
        Assert.Equal(12, first["phishme_destination_delivered{destination=\"raw_json\"}"]);
        Assert.Equal(good.EndedAt.ToUnixTimeMilliseconds() / 1000d, first["phishme_run_last_success_time_seconds"]);

        installation.Set("pm_api", "pass", new string('x', 32)).Save();
        var bad = await installation.RunAsync();
        var second = Read(file);

        Assert.Equal((ExitCode.CredentialsRefused, 12), (bad.ExitCode, second["phishme_run_exit_code"]));
        Assert.Equal(first["phishme_run_last_success_time_seconds"], second["phishme_run_last_success_time_seconds"]);
        Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!));
    }

    [Fact]
    public async Task Figures_that_cannot_be_written_are_a_warning_and_stop_nothing()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Stop);
        using var installation = new Installation(simulator).WithOutput("json").Set("local_metrics", "textfile", "phishme.prom").Save();
        var taken = Path.Combine(installation.Folder, "phishme.prom", "in the way");

        var summary = await installation.RunAsync(step: name => _ = name == "run-ended" ? Directory.CreateDirectory(taken) : null);

        Assert.Equal((ExitCode.Done, 3), (summary.ExitCode, summary.Received));
        Assert.Contains(summary.Warnings, text => text.Contains("phishme.prom", StringComparison.Ordinal) && text.Contains("[local_metrics]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_leaves_the_figures_alone()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Stop);
        using var installation = new Installation(simulator).WithOutput("json").Set("local_metrics", "textfile", "phishme.prom").Save();

        await installation.RunAsync(dryRun: true);

        Assert.False(File.Exists(Path.Combine(installation.Folder, "phishme.prom")));
    }

    private static Dictionary<string, double> Read(string file) => File.ReadAllLines(file)
        .Where(line => !line.StartsWith('#'))
        .Select(line => line.Split(' '))
        .ToDictionary(parts => parts[0], parts => double.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
}
