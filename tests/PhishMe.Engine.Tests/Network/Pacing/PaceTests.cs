using PhishMe.Engine.Network;

namespace PhishMe.Engine.Tests.Network.Pacing;

/// <summary>
/// A process that finds its pace against hosts that are honest about their limits, in simulated time. The yardstick is the best setting that a person
/// could find by trying.
/// </summary>
public sealed class PaceTests
{
    private const int Most = 16;
    private const double LeastShareOfBest = 0.9;
    private const double LargestFailedShare = 0.02;

    /// <summary>Name, seconds, host.</summary>
    private static readonly Dictionary<string, (double Seconds, Func<SimulatedHost> Host)> Hosts = new()
    {
        ["steady, 30 ms"] = (60, () => new SteadyHost(30)),
        ["steady, 100 ms, half of it scatter"] = (120, () => new SteadyHost(100, 0.5)),
        ["slow, 3 s"] = (300, () => new SteadyHost(3000)),
        ["slow, 5 s, scatter"] = (300, () => new SteadyHost(5000, 0.3)),
        ["hangs up on one request of a hundred, whatever we do"] = (60, () => new SteadyHost(30, 0.2, hangsUp: 0.01)),
        ["one worker, 20 ms"] = (60, () => new QueueHost(1, 20)),
        ["two workers, 50 ms"] = (60, () => new QueueHost(2, 50)),
        ["six workers, 100 ms"] = (120, () => new QueueHost(6, 100)),
        ["twelve workers, 100 ms"] = (120, () => new QueueHost(12, 100)),
        ["bucket, 10 a second, 10 saved up"] = (300, () => new TokenBucketHost(10, 10, 30)),
        ["bucket, 10 a second, 10 saved up, Retry-After"] = (300, () => new TokenBucketHost(10, 10, 30, saysRetryAfter: true)),
        ["bucket, 10 a second, 100 saved up"] = (300, () => new TokenBucketHost(10, 100, 30)),
        ["bucket, 50 a second, 20 saved up, 100 ms"] = (120, () => new TokenBucketHost(50, 20, 100)),
        ["bucket, 50 a second, 50 saved up, 300 ms"] = (120, () => new TokenBucketHost(50, 50, 300)),
        ["bucket, 200 a second, 50 saved up"] = (60, () => new TokenBucketHost(200, 50, 30)),
        ["bucket, 50 a second, 20 saved up, 100 ms, Retry-After"] = (240, () => new TokenBucketHost(50, 20, 100, saysRetryAfter: true)),
        ["hangs up beyond 1"] = (120, () => new HangingUpHost(1, 30)),
        ["hangs up beyond 3"] = (120, () => new HangingUpHost(3, 30)),
        ["hangs up beyond 10"] = (120, () => new HangingUpHost(10, 30)),
        ["four workers, then twelve, then four"] = (240, () => new ChangingHost(60, new QueueHost(4, 50), new QueueHost(12, 50))),
        ["20 a second, then 50, then 20"] = (480, () => new ChangingHost(60, new TokenBucketHost(20, 10, 30), new TokenBucketHost(50, 10, 30))),
        ["30 ms, then 120 ms, then 30 ms"] = (240, () => new ChangingHost(60, new SteadyHost(30), new SteadyHost(120))),
    };

    public static TheoryData<string> Names => [.. Hosts.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_new_host_is_used_nearly_as_well_as_with_the_best_setting_and_refuses_little(string name)
    {
        (var seconds, var host) = Hosts[name];
        var client = new AdaptiveClient(New());

        PaceSimulation.Play(host(), seconds, client);

        var best = PaceSimulation.BestFixed(host, seconds);
        var reached = client.Throughput(0, seconds) / best;
        Assert.True(reached >= LeastShareOfBest, $"{reached:0.00} of {best:0.0} a second");
        Assert.True(client.FailedShare <= LargestFailedShare, $"{client.FailedShare:0.000} failed");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_next_run_starts_where_the_last_one_ended(string name)
    {
        (var seconds, var host) = Hosts[name];
        var first = new AdaptiveClient(New());
        PaceSimulation.Play(host(), seconds, first);

        var next = new AdaptiveClient(New(first.Pace.Learnt));
        PaceSimulation.Play(host(), 60, next);

        var reached = next.Throughput(0, 60) / PaceSimulation.BestFixed(host, 60);
        Assert.True(reached >= LeastShareOfBest, $"{reached:0.00}");
        Assert.True(next.FailedShare <= LargestFailedShare, $"{next.FailedShare:0.000} failed");
    }

    [Theory]
    [InlineData("one worker, 20 ms", 1)]
    [InlineData("two workers, 50 ms", 2)]
    [InlineData("six workers, 100 ms", 6)]
    public void Few_requests_wait_in_the_queue_of_a_host(string name, int workers)
    {
        (var seconds, var host) = Hosts[name];
        var client = new AdaptiveClient(New());

        PaceSimulation.Play(host(), seconds, client);

        // A fifth more than the workers is within what latencies scatter, and up to three may wait.
        Assert.InRange(client.Limits[^1].Limit, workers, (workers * 1.25) + 3);
    }

    [Theory]
    [InlineData("steady, 30 ms")]
    [InlineData("six workers, 100 ms")]
    [InlineData("bucket, 10 a second, 10 saved up")]
    [InlineData("bucket, 50 a second, 20 saved up, 100 ms")]
    [InlineData("hangs up beyond 10")]
    public void Nothing_swings_that_a_person_would_see(string name)
    {
        (var seconds, var host) = Hosts[name];
        var client = new AdaptiveClient(New());

        PaceSimulation.Play(host(), seconds, client);

        // Answers in each five seconds of the second half, as a progress bar shows them.
        double[] shown = [.. Enumerable.Range((int)seconds / 10, (int)seconds / 10).Select(five => client.Throughput(five * 5, (five + 1) * 5))];
        var mean = shown.Average();
        Assert.All(shown, rate => Assert.InRange(rate, mean * 0.75, mean * 1.25));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 30)]
    public void Processes_that_share_a_rate_share_it_fairly(int processes, int secondsApart)
    {
        var clients = Together(processes, secondsApart, new TokenBucketHost(50, 20, 30), 900);

        AssertFair(clients, 50, from: 300, to: 900);
    }

    [Theory]
    [InlineData(50, 20, 0)]
    [InlineData(50, 20, 1)]
    [InlineData(50, 20, 30)]
    [InlineData(100, 50, 0)]
    [InlineData(100, 50, 5)]
    public void Of_four_processes_that_share_a_rate_none_gets_less_than_half_of_its_share(int rate, int burst, int secondsApart)
    {
        var clients = Together(4, secondsApart, new TokenBucketHost(rate, burst, 30), 900);

        AssertFair(clients, rate, from: 300, to: 900);
        Assert.All(clients, client => Assert.InRange(client.Throughput(300, 900), rate / 4.0 / 2, rate));
    }

    [Theory]
    [InlineData(10, 10, 0)]
    [InlineData(10, 10, 5)]
    [InlineData(10, 20, 1)]
    [InlineData(10, 50, 1)]
    [InlineData(10, 50, 30)]
    [InlineData(20, 10, 1)]
    public void Four_processes_that_share_a_low_rate_are_refused_little_once_they_know_it_and_none_is_pushed_out(int rate, int burst, int secondsApart)
    {
        var clients = Together(4, secondsApart, new TokenBucketHost(rate, burst, 30), 900);

        Assert.All(clients, client => Assert.InRange(client.Throughput(300, 900), rate / 4.0 / 2, rate));
        double failed = clients.Sum(client => client.Failures.Count(at => at.TotalSeconds > 300));
        var share = failed / (failed + clients.Sum(client => client.Answers.Count(at => at.TotalSeconds > 300)));
        Assert.True(share <= LargestFailedShare, $"{share:0.000} failed");
    }

    /// <summary>What was learnt, and a host that takes less now.</summary>
    public static TheoryData<string, double, double?> Slower => new()
    {
        { "two workers, 50 ms", 16, null },
        { "one worker, 20 ms", 12, null },
        { "hangs up beyond 3", 16, null },
        { "bucket, 10 a second, 10 saved up, Retry-After", 16, 50 },
        { "bucket, 10 a second, 10 saved up", 16, null },
        { "bucket, 50 a second, 20 saved up, 100 ms", 16, 200 },
    };

    [Theory]
    [MemberData(nameof(Slower))]
    public void A_host_that_has_become_slower_since_the_last_run_is_found_out(string name, double inFlight, double? perSecond)
    {
        (var seconds, var host) = Hosts[name];
        var client = new AdaptiveClient(New(new LearntPace(inFlight, perSecond)));

        PaceSimulation.Play(host(), seconds, client);

        var best = PaceSimulation.BestFixed(host, seconds);
        var reached = client.Throughput(0, seconds) / best;
        Assert.True(reached >= LeastShareOfBest, $"{reached:0.00} of {best:0.0} a second");

        // Until it is found out, as many are refused at once as were in flight.
        var failed = (double)client.Failures.Count(at => at.TotalSeconds > 30) / client.Answers.Count(at => at.TotalSeconds > 30);
        Assert.True(failed <= LargestFailedShare, $"{failed:0.000} failed");
        Assert.InRange(client.FailedShare, 0, 2 * LargestFailedShare);
        Assert.True(client.Pace.Learnt!.InFlight < inFlight || client.Pace.Learnt.PerSecond < (perSecond ?? double.MaxValue), $"{client.Pace.Learnt}");
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 30)]
    public void Processes_that_share_a_queue_share_it_fairly(int processes, int secondsApart)
    {
        var clients = Together(processes, secondsApart, new QueueHost(6, 50), 400);

        AssertFair(clients, 120, from: 100, to: 400);
    }

    [Fact]
    public void A_ceiling_holds_whatever_the_host_could_take()
    {
        var client = new AdaptiveClient(new Pace(new PaceCeilings(InFlight: 5, PerSecond: 20, TimeSpan.FromMinutes(10))));

        PaceSimulation.Play(new SteadyHost(30), 60, client);

        Assert.InRange(client.Throughput(0, 60), 19, 20.1);
        Assert.All(client.Limits, limit => Assert.InRange(limit.Limit, 1, 5));
    }

    [Fact]
    public void Where_there_is_little_to_do_nothing_is_found_out()
    {
        var pace = New();
        var host = new SteadyHost(30);
        for (var i = 0; i < 100; i++)
        {
            var now = TimeSpan.FromSeconds(i);
            Assert.True(pace.TryEnter(now, out var ticket, out _));
            var answer = host.Serve(now);
            pace.Leave(ticket, "any", answer.Outcome, answer.Latency, answer.RetryAfter, now + answer.Latency);
        }

        Assert.Equal(ConcurrencyLimit.Start, pace.Limit);
        Assert.Null(pace.Learnt);
    }

    [Fact]
    public void A_kind_of_request_that_takes_longer_is_not_mistaken_for_a_queue()
    {
        var pace = New();
        var clients = new AdaptiveClient[] { new(pace, "search"), new(pace, "updates") };

        // Both have the one pace: every second request takes ten times as long.
        PaceSimulation.Play(new ChangingHost(0.5, new SteadyHost(20), new SteadyHost(20)), 5, clients[0]);
        PaceSimulation.Play(new SteadyHost(200), 60, clients[1]);

        Assert.Equal(Most, pace.Limit);
    }

    private static AdaptiveClient[] Together(int processes, int secondsApart, SimulatedHost host, double seconds)
    {
        AdaptiveClient[] clients =
            [.. Enumerable.Range(0, processes).Select(i => new AdaptiveClient(New()) { Starts = TimeSpan.FromSeconds(i * secondsApart) })];
        PaceSimulation.Play(host, seconds, clients);
        return clients;
    }

    /// <summary>Jain's index: 1 when all get the same, 1/n when one gets all.</summary>
    private static void AssertFair(AdaptiveClient[] clients, double limit, double from, double to)
    {
        double[] shares = [.. clients.Select(client => client.Throughput(from, to))];
        var index = shares.Sum() * shares.Sum() / (shares.Length * shares.Sum(share => share * share));
        Assert.True(index >= 0.8, $"{index:0.00}: {string.Join(", ", shares.Select(share => $"{share:0.0}"))}");
        Assert.True(shares.Sum() >= limit * LeastShareOfBest, $"{shares.Sum():0.0} of {limit}");
        Assert.All(clients, client => Assert.True(client.FailedShare <= LargestFailedShare, $"{client.FailedShare:0.000} failed"));
    }

    private static Pace New(LearntPace? learnt = null) => new(new PaceCeilings(Most, PerSecond: null, TimeSpan.FromMinutes(10)), learnt);
}
