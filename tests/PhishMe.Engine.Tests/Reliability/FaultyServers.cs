using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Torture;
using PhishMe.Torture.Faults;
using PhishMe.Torture.Pushing;

namespace PhishMe.Engine.Tests.Reliability;

/// <summary>Whatever the server does: the exit code says it, and the first healthy run has everything. All faults on all routes run in the slow target.</summary>
public sealed class FaultyServers(ITestOutputHelper output)
{
    public static TheoryData<int> Cases => [.. Enumerable.Range(0, FaultCase.All.Count).Where(number => number % 4 == 1)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_fault_for_good_ends_the_run_as_designed_and_the_next_healthy_run_is_complete(int number)
    {
        var fault = FaultCase.All[number];
        output.WriteLine(fault.ToString());
        Assert.Equal([], await FaultTrial.RunAsync(fault, seed: 1, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Random_mixes_of_faults_lose_nothing()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"first seed {seed}");
        for (var own = seed; own < seed + 15; own++)
        {
            (var what, var wrong) = await FaultTrial.RunMixAsync(own, TestContext.Current.CancellationToken);
            Assert.True(wrong.Count == 0, $"seed {own}, {what}: {string.Join("; ", wrong)}");
        }
    }

    [Fact]
    public async Task Random_mixes_of_faults_at_products_over_HTTP_lose_nothing_and_repeat_nothing()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"first seed {seed}");
        for (var own = seed; own < seed + 3; own++)
        {
            (var what, var wrong) = await PushFaultTrial.RunMixAsync(own, TestContext.Current.CancellationToken);
            Assert.True(wrong.Count == 0, $"seed {own}, {what}: {string.Join("; ", wrong)}");
        }
    }

    [Fact]
    public async Task A_token_rotated_in_the_middle_of_a_run_ends_it_with_12_and_keeps_what_was_done()
    {
        await using var script = await ThreatScript.StartAsync(3, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate });
        script.Simulator.Inject(new FaultRule { Route = "search", Skip = 1, Kind = FaultRuleKind.RotateCredentials });

        var refused = await installation.RunAsync(cancellationToken: TestContext.Current.CancellationToken);
        var kept = new FileInfo(installation.InFolder("all.cef")).Length;
        installation.Edit("pass", script.Simulator.Password);
        var healthy = await installation.RunUntilCurrentAsync(TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.CredentialsRefused, ExitCode.Done), (refused.ExitCode, healthy.ExitCode));
        Assert.True(kept > 0);
        Assert.Equal([], Completeness.Of(installation));
        Assert.Equal([], SecretHunt.In(installation));
    }

    [Theory]
    [InlineData(FaultRuleKind.NotFound404)]
    [InlineData(null)]
    public async Task A_position_the_server_does_not_know_ends_with_13_and_its_own_error_and_moves_nothing(FaultRuleKind? kind)
    {
        await using var script = await ThreatScript.StartAsync(4, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate });
        await installation.RunUntilCurrentAsync(TestContext.Current.CancellationToken);
        var position = installation.Position;
        if (kind is FaultRuleKind answer)
        {
            script.Simulator.Inject(new FaultRule { Route = "updates", Kind = answer });
        }
        else
        {
            installation.Edit("position", position = "00000000-0000-0000-0000-000000000000");
        }

        var summary = await installation.RunAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.ApiFailing, Faults.PositionRefused), (summary.ExitCode, summary.Fault?.Kind));
        Assert.Equal(position, installation.Position);
    }

    [Fact]
    public async Task A_folder_that_vanishes_in_the_middle_of_a_run_ends_it_with_14_and_the_batch_comes_again()
    {
        await using var script = await ThreatScript.StartAsync(5, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate, Formats = ["json"], ResultsPerPage = 100 });
        var failed = await installation.RunAsync(
            step =>
            {
                if (step == "files-before-flush")
                {
                    Directory.Delete(installation.InFolder("json"), recursive: true);
                }
            },
            cancellationToken: TestContext.Current.CancellationToken);
        var healthy = await installation.RunUntilCurrentAsync(TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.OutputFailed, ExitCode.Done), (failed.ExitCode, healthy.ExitCode));
        Assert.Equal([], Completeness.Of(installation));
    }
}
