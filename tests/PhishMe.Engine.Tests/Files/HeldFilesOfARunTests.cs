using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Files;

/// <summary>Nothing that a reader does stops the feed.</summary>
public sealed class HeldFilesOfARunTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_held_file_of_one_threat_is_set_aside_and_everything_else_goes_on(bool isWithdrawn)
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 30 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Save();
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        var paths = FilesOf(installation);
        var path = paths[0];
        var before = File.ReadAllText(path);
        var name = Path.GetFileName(path);
        var id = Path.GetFileNameWithoutExtension(path);
        var others = paths[1..4].Select(other => Path.GetFileNameWithoutExtension(other)).ToList();
        others.ForEach(simulator.Republish);
        if (isWithdrawn)
        {
            simulator.Withdraw(id);
        }
        else
        {
            simulator.Republish(id);
        }

        var calls = new HeldFileCalls().Hold(path);
        var position = installation.Position;
        var held = await installation.RunAsync(files: calls);

        Assert.Equal(ExitCode.DoneWithDeadLetters, held.ExitCode);
        Assert.Null(held.Fault);
        Assert.NotEqual(position, installation.Position);
        Assert.Equal(before, File.ReadAllText(path));
        Assert.Equal(1, held.DeadLetters);
        Assert.Contains(held.Warnings, warning => warning.Contains(name, StringComparison.Ordinal) && warning.Contains("reader (process 42)", StringComparison.Ordinal));
        Assert.Equal(others.Count + (isWithdrawn ? 0 : 1), held.Received);

        // Still held, and nothing new: said again, and nothing is delivered a second time.
        var lines = File.ReadAllLines(installation.AppendPath("json")).Length;
        Assert.Equal(ExitCode.DoneWithDeadLetters, (await installation.RunAsync(files: calls)).ExitCode);

        // Let go.
        var last = await installation.RunAsync();
        Assert.Equal((ExitCode.Done, 1, 0), (last.ExitCode, last.Healed, last.DeadLettersOpen));
        Assert.Equal(lines, File.ReadAllLines(installation.AppendPath("json")).Length);
        Assert.False(Directory.Exists(Path.Combine(installation.FilesPath("json"), ".phishme-partial")));
        if (isWithdrawn)
        {
            Assert.False(File.Exists(path));
        }
        else
        {
            Assert.NotEqual(before, File.ReadAllText(path));
        }
    }

    [Fact]
    public async Task A_held_temporary_file_is_in_no_ones_way()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 10 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Save();
        var leftover = Path.Combine(installation.FilesPath("json"), ".phishme-partial", "abcdefgh-1", "m_1.1.json");
        Directory.CreateDirectory(Path.GetDirectoryName(leftover)!);
        File.WriteAllText(leftover, "torn");

        var held = await installation.RunAsync(files: new HeldFileCalls().Hold("/m_1.1.json"));

        Assert.Equal(ExitCode.Done, held.ExitCode);
        Assert.Contains(held.Warnings, warning => warning.Contains("m_1.1.json", StringComparison.Ordinal));
        Assert.Equal(10, held.Received);
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.False(File.Exists(leftover));
    }

    [Fact]
    public async Task A_configuration_file_that_cannot_be_written_is_a_warning()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 10 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Save();
        var calls = new HeldFileCalls().Hold("/config.ini");

        var first = await installation.RunAsync(files: calls);
        Assert.Equal((ExitCode.Done, 10), (first.ExitCode, first.Received));
        Assert.Contains(first.Warnings, warning => warning.Contains("config.ini", StringComparison.Ordinal));
        Assert.Empty(installation.Position);

        simulator.Republish(Path.GetFileNameWithoutExtension(FilesOf(installation)[0]));
        var second = await installation.RunAsync(files: calls);
        Assert.Equal((ExitCode.Done, 1, false), (second.ExitCode, second.Received, second.Backfill));

        var last = await installation.RunAsync();
        Assert.Equal((ExitCode.Done, 0), (last.ExitCode, last.Received));
        Assert.Equal(second.PositionAfter, installation.Position);
        Assert.NotEmpty(installation.Position);
    }

    [Fact]
    public async Task A_configuration_file_that_vanished_is_put_back()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Token);
        using var installation = new Installation(simulator).WithOutput("json").Save();
        File.Move(installation.ConfigurationPath, installation.InFolder(".config.ini.phishme-backup"));

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.Done, 3), (summary.ExitCode, summary.Received));
        Assert.Contains(summary.Warnings, warning => warning.Contains("put back", StringComparison.Ordinal));
    }

    private static string[] FilesOf(Installation installation) =>
        [.. Directory.EnumerateFiles(installation.FilesPath("json"), "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
