using PhishMe.Intelligence;
using PhishMe.Torture;

namespace PhishMe.Engine.Tests.Reliability;

/// <summary>A clock that is set while a run goes on: the server's time decides what belongs to a backfill, and nothing waits for the old time.</summary>
public sealed class JumpingClocks(ITestOutputHelper output)
{
    [Fact]
    public async Task Nothing_is_lost_or_doubled_by_a_clock_that_jumps_by_days_at_every_look()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using var script = await ThreatScript.StartAsync(61, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate });
        var clock = new Jumping(new Random(seed));
        script.Simulator.ChangelogPageSize = 1000;

        Assert.Equal(ExitCode.Done, (await installation.RunAsync(clock: clock, cancellationToken: TestContext.Current.CancellationToken)).ExitCode);
        script.ChangeAfterBackfill();
        Assert.Equal(ExitCode.Done, (await installation.RunAsync(clock: clock, cancellationToken: TestContext.Current.CancellationToken)).ExitCode);

        Assert.Equal([], Completeness.Of(installation));
        var lines = File.ReadAllLines(installation.InFolder("all.json"));
        Assert.Equal(lines.Length, lines.Distinct(StringComparer.Ordinal).Count());
    }

    private sealed class Jumping(Random random) : TurnedClock(DateTimeOffset.UtcNow)
    {
        private readonly Lock _gate = new();

        public override DateTimeOffset GetUtcNow()
        {
            lock (_gate)
            {
                return DateTimeOffset.UtcNow.AddDays(random.Next(-30, 30));
            }
        }
    }
}
