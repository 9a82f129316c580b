using PhishMe.Intelligence;

namespace PhishMe.Torture.Kills;

/// <summary>
/// One scenario with a world and a site of its own: an uninterrupted run as the yardstick, then as many killed ones as wanted, each from the same
/// starting point and each followed by normal runs that must arrive where the uninterrupted one did.
/// </summary>
internal sealed class KillLane : IAsyncDisposable
{
    private readonly World _world;
    private readonly Site _site;
    private readonly string _before;
    private readonly SortedDictionary<string, string> _expected;
    private readonly IReadOnlyList<string> _recorded;

    private KillLane(World world, Site site, string before, IReadOnlyDictionary<string, int> steps, int requests)
    {
        _world = world;
        _site = site;
        _before = before;
        Steps = steps;
        Requests = requests;
        _expected = site.Visible();
        _recorded = site.Recorded();
    }

    /// <summary>The steps of the run that gets killed, and how often each comes.</summary>
    public IReadOnlyDictionary<string, int> Steps { get; }

    /// <summary>Requests of that run.</summary>
    public int Requests { get; }

    public Site Site => _site;

    /// <summary>Every step of the run that gets killed, each occurrence.</summary>
    public IEnumerable<KillPoint> EveryStep() =>
        Steps.OrderBy(step => step.Key, StringComparer.Ordinal)
            .SelectMany(step => Enumerable.Range(1, step.Value).Select(number => KillPoint.At(step.Key, number)));

    public static async Task<KillLane> PrepareAsync(KillScenario scenario, int seed, int threats, DateTimeOffset today, CancellationToken cancellationToken)
    {
        World world = await World.StartAsync(seed, threats, today);
        world.Morning();
        var site = new Site(world.Simulator, scenario.Site(new SiteOptions { InitialDate = world.InitialDate }));
        if (!scenario.Backfill)
        {
            await MustSucceedAsync(site, cancellationToken);
            world.Afternoon();
        }

        string before = site.Photograph();
        var steps = new Dictionary<string, int>(StringComparer.Ordinal);
        world.Simulator.Requests.Clear();
        await site.RunAsync(
            step =>
            {
                lock (steps)
                {
                    steps[step] = steps.GetValueOrDefault(step) + 1;
                }
            },
            cancellationToken: cancellationToken);
        int requests = world.Simulator.Requests.Count();
        await MustSucceedAsync(site, cancellationToken);
        return new KillLane(world, site, before, steps, requests);
    }

    /// <summary>Kills one run at each of the points in turn, then lets it run.</summary>
    /// <returns>Null when everything is as it would have been; otherwise what is not.</returns>
    public async Task<KillVerdict> KillAsync(IReadOnlyList<KillPoint> points, CancellationToken cancellationToken)
    {
        _site.PutBack(_before);
        int kills = 0;
        foreach (KillPoint point in points)
        {
            (int exitCode, bool killed) = await SyncProcess.RunAsync(_site, point, cancellationToken);
            kills += killed ? 1 : 0;
            if (!killed && exitCode is not ((int)ExitCode.Done or (int)ExitCode.DoneWithDeadLetters))
            {
                return new KillVerdict(points, kills, [$"a run ended with {exitCode} instead of being killed"]);
            }
        }

        RunSummary summary = await _site.RunUntilCurrentAsync(cancellationToken);
        var differences = new List<string>();
        if (summary.ExitCode != ExitCode.Done)
        {
            differences.Add($"the next run ended with {summary.ExitCode}: {summary.Fault}");
        }

        SortedDictionary<string, string> actual = _site.Visible();
        differences.AddRange(_expected.Keys.Except(actual.Keys).Select(name => $"{name} is missing"));
        differences.AddRange(actual.Keys.Except(_expected.Keys).Select(name => $"{name} should not be there"));
        differences.AddRange(_expected.Where(file => actual.TryGetValue(file.Key, out string? hash) && hash != file.Value).Select(file => $"{file.Key} differs"));
        IReadOnlyList<string> recorded = _site.Recorded();
        differences.AddRange(_recorded.Except(recorded).Select(row => $"not recorded: {row}"));
        differences.AddRange(recorded.Except(_recorded).Select(row => $"recorded: {row}"));
        differences.AddRange(_site.Leftovers());
        return new KillVerdict(points, kills, differences);
    }

    public ValueTask DisposeAsync()
    {
        _site.Dispose();
        return _world.DisposeAsync();
    }

    private static async Task MustSucceedAsync(Site site, CancellationToken cancellationToken)
    {
        RunSummary summary = await site.RunUntilCurrentAsync(cancellationToken);
        if (summary.ExitCode != ExitCode.Done)
        {
            throw new InvalidOperationException($"The uninterrupted run ended with {summary.ExitCode}: {summary.Fault}");
        }
    }
}
