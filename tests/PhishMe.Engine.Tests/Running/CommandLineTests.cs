using PhishMe.Cli;
using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>What <c>phishme</c> writes, and where.</summary>
public sealed class CommandLineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ARunWithoutFaultWritesNothingToAStandardOutputThatNoOneReads()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Save();

        Assert.Equal((0, ""), Of(await RunAsync("sync", "-conf", installation.ConfigurationPath)));
        Assert.Equal((0, ""), Of(await RunAsync("sync", "-conf", installation.ConfigurationPath)));
    }

    [Theory]
    [InlineData(false, "--verbose")]
    [InlineData(false, "--dry-run")]
    [InlineData(true)]
    public async Task TheSummaryIsShownOnATerminalAndWhenAskedFor(bool isTerminal, params string[] options)
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Save();

        (var exitCode, var output, _) = await RunAsync(isTerminal, ["sync", "-conf", installation.ConfigurationPath, .. options]);

        Assert.Equal(0, exitCode);
        Assert.Matches(@"^Run [0-9a-f]{12} ended with 0 \(Done\)", output);
        Assert.Contains("to [integration_raw_json]: 3 threats", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSummaryAsJsonIsOneLine()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Save();

        (_, var output, _) = await RunAsync("sync", "--json", "-conf", installation.ConfigurationPath);

        Assert.StartsWith("{\"", Assert.Single(Lines(output)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFaultIsWrittenToStandardErrorAlone()
    {
        (var exitCode, var output, var error) = await RunAsync("sync", "-conf", Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N")));

        Assert.Equal(((int)ExitCode.Configuration, ""), (exitCode, output));
        Assert.StartsWith("ConfigurationNotFound: ", Lines(error)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutAStoreTheWaysToNameOneAndToFillOneAreSaid()
    {
        (var exitCode, var output, var error) = await RunAsync("find", "evil.example", "-conf", Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N")));

        Assert.Equal(((int)ExitCode.Configuration, ""), (exitCode, output));
        Assert.StartsWith("StoreNotFound: There is no store", error, StringComparison.Ordinal);
        Assert.All(["--store", "--connection", "-conf", "use = True", "phishme store rebuild"], way => Assert.Contains(way, error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task TextOfAttackersReachesATerminalWithItsControlsVisible()
    {
        using var installation = new Installation().WithOutput("json").Set("local_sqlite", "use", "True").Save();
        File.WriteAllText(installation.InFolder("phish.json"), """
            {"id":7,"threatType":"PHISH","title":"Sign in\u001b[2K\u001b[1A\u202etxt","firstDate":1767225600000,"lastDate":1767225600000,
             "phishingURL_1":{"url":"http://page07.example/","domain":"page07.example","host":"page07.example","protocol":"http","path":"/"}}
            """.ReplaceLineEndings(""));
        await RunAsync("sync", "-conf", installation.ConfigurationPath);
        Assert.Equal(0, (await RunAsync("store", "rebuild", "--from", installation.InFolder("phish.json"), "-conf", installation.ConfigurationPath)).ExitCode);

        (_, var text, _) = await RunAsync("find", "page07.example", "-conf", installation.ConfigurationPath);
        (_, var json, _) = await RunAsync("find", "page07.example", "--json", "-conf", installation.ConfigurationPath);

        Assert.Contains(@"Sign in\u001B[2K\u001B[1A\u202Etxt", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001B", text, StringComparison.Ordinal);
        var label = System.Text.Json.JsonDocument.Parse(Lines(json)[0]).RootElement.GetProperty("label").GetString();
        Assert.Equal("Sign in\u001b[2K\u001b[1A\u202etxt", label);
    }

    [Theory]
    [InlineData("2025-13-45")]
    [InlineData("yesterday")]
    public async Task ATimeThatIsNotOneIsAWrongCommandLine(string since)
    {
        (var exitCode, _, var error) = await RunAsync("find", "evil.example", "--since", since);

        Assert.Equal((int)ExitCode.Usage, exitCode);
        Assert.Contains($"'{since}' is not a time.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HelpSaysTheZoneOfATime()
    {
        (_, var output, _) = await RunAsync("find", "--help");

        Assert.Contains("UTC", string.Join(' ', output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    [NotOnWindows("Windows has no root.")]
    public async Task CheckWarnsWhenTheRunAndItsFilesBelongToRoot()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "skipped: only root can own files as root");
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Save();

        (_, var output, _) = await RunAsync("check", "-conf", installation.ConfigurationPath);

        Assert.Contains(Lines(output), line => line.StartsWith("WARN Account: This runs as root", StringComparison.Ordinal));
        Assert.Contains(Lines(output), line => line.StartsWith($"WARN Owner: Root owns {installation.ConfigurationPath}", StringComparison.Ordinal));
    }

    [Fact]
    [NotOnWindows("Windows has no root.")]
    public void AFileOfAnotherAccountIsNotRoots()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "skipped: the owner is known on Linux only");
        Assert.True(FileOwner.IsRoot("/proc/1"));
        Assert.False(FileOwner.IsRoot(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"))));
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => RunAsync(isTerminal: false, arguments);

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(bool isTerminal, string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var engine = new EngineFactory().Create(new EngineOptions { Version = "1.0.0" });
        var exitCode = await PhishMeCommand.RunAsync(arguments, engine, output, error, TextReader.Null, isTerminal);
        return (exitCode, output.ToString(), error.ToString());
    }

    private static (int ExitCode, string Output) Of((int ExitCode, string Output, string Error) run) => (run.ExitCode, run.Output);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
