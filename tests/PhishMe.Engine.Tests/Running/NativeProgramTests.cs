using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Tests.Destinations.Syslog;
using PhishMe.Engine.Tests.Network;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>
/// The native <c>phishme</c> against the managed one, each in a process of its own with the same server: compiling ahead leaves out what it takes for unused,
/// so every command is tried.
/// </summary>
public sealed partial class NativeProgramTests
{
    private readonly PhishMeProcess _native = PhishMeProcess.Native();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backfill_updates_and_withdrawals_leave_the_same_files_and_the_same_summary()
    {
        await using var simulator = await StartAsync(220);
        using var native = Configure(simulator).WithAllOutputs().Save();
        using var managed = Configure(simulator).WithAllOutputs().Save();
        await AssertSameRunAsync(native, managed);

        simulator.Publish(7);
        simulator.Republish(Id(simulator, 5));
        simulator.Withdraw(Id(simulator, 9));
        await AssertSameRunAsync(native, managed);

        simulator.Requests.Clear();
        await SyncAsync(_native, native);
        Assert.Equal(1, simulator.Requests.Count());
    }

    [Theory]
    [InlineData("1.1.1")]
    [InlineData("2.1")]
    public async Task What_is_rendered_here_is_the_same(string stixVersion)
    {
        await using var simulator = await StartAsync(120);
        using var native = Local();
        using var managed = Local();
        await AssertSameRunAsync(native, managed);

        Installation Local() => Configure(simulator).WithAllOutputs()
            .Set("integration_raw_cef", "source", "local").Set("integration_raw_stix", "source", "local").Set("integration_raw_stix", "version", stixVersion).Save();
    }

    [Fact]
    public async Task The_store_answers_the_same()
    {
        await using var simulator = await StartAsync(60);
        using var native = Configure(simulator).WithOutput("json").Set("local_sqlite", "use", "True").Save();
        using var managed = Configure(simulator).WithOutput("json").Set("local_sqlite", "use", "True").Save();
        await AssertSameRunAsync(native, managed);
        using var logs = new Installation();
        var log = logs.InFolder("proxy.log");
        string[] texts = [.. Directory.EnumerateFiles(native.FilesPath("json"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllText)];
        await File.WriteAllLinesAsync(log, texts, Stop);
        var values = string.Join('\n', texts.SelectMany(text => Values(JsonNode.Parse(text)!["blockSet"])).Take(40)) + "\n";

        await AssertSameAsync(native, managed, input: "", "store", "check");
        await AssertSameAsync(native, managed, input: "", "store", "statistics");
        await AssertSameAsync(native, managed, input: "", "store", "statistics", "--json");
        await AssertSameAsync(native, managed, input: "", "store", "rebuild");
        var found = await AssertSameAsync(native, managed, values, "find", "--json", "--include-withdrawn");
        await AssertSameAsync(native, managed, values, "find", "--minimum-impact", "Major", "--since", "2025-01-01");
        await AssertSameAsync(native, managed, input: "", "find", "--path", log, "--json");
        Assert.True(found.Count(character => character == '\n') >= 40, found);
    }

    [Fact]
    public async Task Checks_dead_letters_faults_and_exit_codes_are_the_same()
    {
        await using var simulator = await StartAsync(20);
        simulator.Inject(new FaultRule { Route = "stix", MatchId = Id(simulator, 3), Kind = FaultRuleKind.MalformedXml, Count = -1 });
        using var native = Configure(simulator).WithAllOutputs().Save();
        using var managed = Configure(simulator).WithAllOutputs().Save();
        await AssertSameRunAsync(native, managed);
        await AssertSameAsync(native, managed, input: "", "check");
        await AssertSameAsync(native, managed, input: "", "dead-letters");
        Assert.Contains(Id(simulator, 3), await AssertSameAsync(native, managed, input: "", "dead-letters", "--json"), StringComparison.Ordinal);
        await AssertSameAsync(native, managed, input: "", "sync", "--dry-run");
        await AssertSameAsync(native, managed, input: "", "sync", "--no-such-option");

        foreach (var broken in (Installation[])[native, managed])
        {
            broken.Set("pm_api", "pass", "short").Set("pm_api", "init_dat", "2025-01-01").Set("integration_raw_cef", "append_file_use", "maybe").Save();
        }

        await AssertSameAsync(native, managed, input: "", "sync");
        await AssertSameAsync(native, managed, input: "", "check");
        Assert.Equal((int)ExitCode.Configuration, (await _native.RunAsync("", "sync", "-conf", native.InFolder("missing.ini"))).ExitCode);
    }

    [Fact]
    public async Task A_killed_backfill_is_finished_by_the_next_run()
    {
        await using var simulator = await StartAsync(600);
        using var native = Configure(simulator).WithOutput("json").Save();
        using var managed = Configure(simulator).WithOutput("json").Save();
        using (var gate = simulator.Hold("search", skip: 3))
        {
            using var run = Process.Start(_native.StartInfo("sync", "-conf", native.ConfigurationPath))!;
            await gate.Reached.WaitAsync(Stop);
            run.Kill();
            await run.WaitForExitAsync(Stop);
        }

        Assert.Equal(0, (await SyncAsync(_native, native)).ExitCode);
        Assert.Equal(0, (await SyncAsync(PhishMeProcess.Managed, managed)).ExitCode);
        AssertSameFiles(native, managed);
    }

    [Fact]
    [NotOnWindows("rsyslog and syslog-ng are daemons of Unix.")]
    public async Task Events_reach_a_collector_over_tls_with_a_client_certificate()
    {
        using var certificates = new TestCertificates();
        var endpoint = new SyslogEndpoint { Host = IPAddress.Loopback.ToString(), Transport = SyslogTransport.Tls };
        await using var receiver = await Receiver.StartAsync("rsyslog", endpoint, certificates);
        await using var simulator = await StartAsync(15);
        using var native = Configure(simulator).WithOutput("cef", files: false).WithSyslog(
            receiver.Endpoint, ("syslog_ca_file", certificates.AuthorityFile),
            ("syslog_client_certificate", certificates.ClientFile), ("syslog_client_certificate_key", certificates.ClientKeyFile)).Save();

        (var exitCode, var output, var error) = await SyncAsync(_native, native);

        Assert.True(exitCode == 0, output + error);
        string[] expected = [.. File.ReadAllLines(native.AppendPath("cef")).Select(line => "<29>" + line)];
        Assert.Equal(expected, (await receiver.WaitForAsync(expected.Length)).Select(Encoding.UTF8.GetString));
    }

    private static Task<ThreatHqSimulator> StartAsync(int threats) => ThreatHqSimulator.StartAsync(
        new SimulatorOptions { Threats = threats, Seed = 11, LoadFolder = SharedMaterial.Root is string root ? Path.Combine(root, "fixtures", "threats") : null }, Stop);

    private static Installation Configure(ThreatHqSimulator simulator) => new Installation(simulator).Set("pm_api", "init_date", "2016-01-01");

    private static string Id(ThreatHqSimulator simulator, int index) => $"{simulator.Threats[index].Type[0]}_{simulator.Threats[index].Id}";

    private static IEnumerable<string> Values(JsonNode? blocks) =>
        blocks is JsonArray array ? array.Select(block => block?["data"]).OfType<JsonValue>().Select(value => value.ToString()) : [];

    private static Task<(int ExitCode, string Output, string Error)> SyncAsync(PhishMeProcess program, Installation installation) =>
        program.RunAsync("", "sync", "-conf", installation.ConfigurationPath, "--json");

    private static void AssertSameFiles(Installation native, Installation managed)
    {
        var expected = managed.OutputFiles();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, native.OutputFiles());
        Assert.Equal(managed.Position, native.Position);
    }

    /// <summary>What both runs say, but for their times and their names.</summary>
    private static string Summary(string output)
    {
        var summary = JsonNode.Parse(output)!.AsObject();
        // The limit that a run finds follows the speed of the answers.
        foreach (var own in (string[])["runId", "startedAt", "endedAt", "duration", "pace"])
        {
            summary.Remove(own);
        }

        return summary.ToJsonString();
    }

    private async Task AssertSameRunAsync(Installation native, Installation managed)
    {
        (var exitCode, var output, var error) = await SyncAsync(_native, native);
        var expected = await SyncAsync(PhishMeProcess.Managed, managed);

        Assert.Equal((expected.ExitCode, Bare(expected.Error, managed)), (exitCode, Bare(error, native)));
        Assert.Equal(Summary(Bare(expected.Output, managed)), Summary(Bare(output, native)));
        AssertSameFiles(native, managed);
    }

    /// <returns>What the native program said.</returns>
    private async Task<string> AssertSameAsync(Installation native, Installation managed, string input, params string[] command)
    {
        (var exitCode, var output, var error) = await _native.RunAsync(input, [.. command, "-conf", native.ConfigurationPath]);
        var expected = await PhishMeProcess.Managed.RunAsync(input, [.. command, "-conf", managed.ConfigurationPath]);

        Assert.Equal(Bare(expected.Output, managed), Bare(output, native));
        Assert.Equal((expected.ExitCode, Bare(expected.Error, managed)), (exitCode, Bare(error, native)));
        return output;
    }

    private static string Bare(string text, Installation installation) =>
        OwnWords().Replace(text.Replace(installation.Folder, "<folder>", StringComparison.Ordinal), "<own>");

    /// <summary>Times, and the name of a run.</summary>
    [GeneratedRegex(@"\bafter \d+\.\d s\b|\bRun [0-9a-f]{12}\b|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)?")]
    private static partial Regex OwnWords();
}
