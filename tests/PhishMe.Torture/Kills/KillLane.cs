using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Torture.Pushing;

namespace PhishMe.Torture.Kills;

/// <summary>
/// One scenario with a script and an installation of its own: an uninterrupted run as the yardstick, then as many killed ones as wanted, each from the same
/// starting point and each followed by normal runs that must arrive where the uninterrupted one did.
/// </summary>
internal sealed class KillLane : IAsyncDisposable
{
    private readonly ThreatScript _script;
    private readonly TortureInstallation _installation;
    private readonly Collector? _collector;
    private readonly string _before;
    private readonly SortedDictionary<string, string> _expected;
    private readonly IReadOnlyList<string> _recorded;
    private readonly IReadOnlyList<string> _stored;
    private readonly IReadOnlyList<string> _served;
    private readonly IReadOnlyList<string> _sent;
    private readonly IReadOnlyList<string> _sentBefore;
    private readonly bool _isUpgrade;
    private readonly PushTargets? _targets;
    private readonly Action? _restoreTargets;
    private readonly IReadOnlyDictionary<string, string[]> _held;

    private KillLane(
        ThreatScript script,
        TortureInstallation installation,
        Collector? collector,
        IReadOnlyList<string> sentBefore,
        string before,
        IReadOnlyDictionary<string, int> steps,
        int requests,
        bool isUpgrade,
        PushTargets? targets,
        Action? restoreTargets,
        int deliveries)
    {
        _targets = targets;
        _restoreTargets = restoreTargets;
        Deliveries = deliveries;
        _held = targets?.All.ToDictionary(target => target.Id, target => target.Held().Order(StringComparer.Ordinal).ToArray()) ?? [];
        _script = script;
        _installation = installation;
        _collector = collector;
        _sentBefore = sentBefore;
        _before = before;
        _isUpgrade = isUpgrade;
        Steps = steps;
        Requests = requests;
        _expected = installation.VisibleFiles();
        _recorded = installation.Recorded();
        _stored = installation.Options.Store ? installation.StoreContent() : [];
        _served = installation.Options.Taxii ? ServedOrderAudit.Live(installation) : [];
        _sent = collector?.Events ?? [];
    }

    /// <summary>The steps of the run that gets killed, and how often each comes.</summary>
    public IReadOnlyDictionary<string, int> Steps { get; }

    /// <summary>Requests of that run.</summary>
    public int Requests { get; }

    /// <summary>Requests of that run to products.</summary>
    public int Deliveries { get; }

    public TortureInstallation Installation => _installation;

    /// <summary>Every step of the run that gets killed, each occurrence.</summary>
    public IEnumerable<KillPoint> EveryStep() =>
        Steps.OrderBy(step => step.Key, StringComparer.Ordinal)
            .SelectMany(step => Enumerable.Range(1, step.Value).Select(number => KillPoint.At(step.Key, number)));

    public static async Task<KillLane> PrepareAsync(KillScenario scenario, int seed, int threats, DateTimeOffset today, CancellationToken cancellationToken)
    {
        var script = scenario.Upgrades
            ? await ThreatScript.StartForVersion3Async()
            : await ThreatScript.StartAsync(seed, threats, today, isAhead: scenario.SwitchedOn.Count == 0);
        var collector = scenario.Syslog ? new Collector() : null;
        var options = scenario.Configure(
            new InstallationOptions { InitialDate = script.InitialDate, Off = scenario.WasOn ? [] : scenario.SwitchedOn });
        var targets = scenario.Pushes ? await PushTargets.StartAsync() : null;
        options = targets is null ? options : options with { Extra = $"{options.Extra}\n{targets.Sections}" };
        var keys = options.Keys;
        var installation = new TortureInstallation(
            script.Simulator, collector is null ? options : options with { Keys = format => keys(format) + (format == "cef" ? collector.Keys : string.Empty) });
        await BringAboutAsync(scenario, script, installation, cancellationToken);

        var before = installation.TakeSnapshot();
        var sentBefore = collector?.Events ?? [];
        collector?.Clear();
        var restoreTargets = targets?.Save();
        restoreTargets?.Invoke();
        var deliveries = targets?.Requests ?? 0;
        var steps = new Dictionary<string, int>(StringComparer.Ordinal);
        script.Simulator.Requests.Clear();
        await installation.RunAsync(
            step =>
            {
                lock (steps)
                {
                    steps[step] = steps.GetValueOrDefault(step) + 1;
                }
            },
            cancellationToken: cancellationToken);
        var requests = script.Simulator.Requests.Count();
        deliveries = (targets?.Requests ?? 0) - deliveries;
        await MustSucceedAsync(installation, cancellationToken);
        var lane = new KillLane(script, installation, collector, sentBefore, before, steps, requests, scenario.Upgrades, targets, restoreTargets, deliveries);
        return lane.Missing() is { Count: > 0 } missing
            ? throw new InvalidOperationException($"The uninterrupted run is incomplete: {string.Join("; ", missing)}")
            : lane;
    }

    /// <summary>Everything up to the run to kill.</summary>
    private static async Task BringAboutAsync(KillScenario scenario, ThreatScript script, TortureInstallation installation, CancellationToken cancellationToken)
    {
        if (scenario.Upgrades)
        {
            installation.PutVersion3();
            script.ChangeAfterBackfill();
            return;
        }

        script.ChangeBeforeBackfill();
        if (scenario.Backfill)
        {
            return;
        }

        await MustSucceedAsync(installation, cancellationToken);
        Array.ForEach([.. scenario.SwitchedOn], format => installation.Switch(format, on: false));
        script.ChangeAfterBackfill();
        if (scenario.SwitchedOn.Count > 0)
        {
            await MustSucceedAsync(installation, cancellationToken);
        }

        Array.ForEach([.. scenario.SwitchedOn], format => installation.Switch(format, on: true));
    }

    /// <summary>Kills one run at each of the points in turn, then lets it run.</summary>
    /// <returns>Null when everything is as it would have been; otherwise what is not.</returns>
    public async Task<KillVerdict> KillAsync(IReadOnlyList<KillPoint> points, CancellationToken cancellationToken)
    {
        _installation.RestoreSnapshot(_before);
        _collector?.Clear();
        _restoreTargets?.Invoke();
        var kills = 0;
        foreach (var point in points)
        {
            (var exitCode, var killed) = await SyncProcess.RunAsync(_installation, point, cancellationToken, number => _targets!.Hold(number, Deliveries));
            kills += killed ? 1 : 0;
            if (!killed && exitCode is not ((int)ExitCode.Done or (int)ExitCode.DoneWithDeadLetters))
            {
                return new KillVerdict(points, kills, [$"a run ended with {exitCode} instead of being killed"]);
            }
        }

        var summary = await _installation.RunUntilCurrentAsync(cancellationToken);
        if (summary.ExitCode == ExitCode.DoneWithDeadLetters)
        {
            // What was published and withdrawn within a day is set aside by the answer that announces it, and healed by the next.
            summary = await _installation.RunUntilCurrentAsync(cancellationToken);
        }

        var differences = new List<string>();
        if (summary.ExitCode != ExitCode.Done)
        {
            differences.Add($"the next run ended with {summary.ExitCode}: {summary.Fault}");
        }

        var actual = _installation.VisibleFiles();
        differences.AddRange(_expected.Keys.Except(actual.Keys).Select(name => $"{name} is missing"));
        differences.AddRange(actual.Keys.Except(_expected.Keys).Select(name => $"{name} should not be there"));
        differences.AddRange(_expected.Where(file => actual.TryGetValue(file.Key, out var hash) && hash != file.Value).Select(file => $"{file.Key} differs"));
        var recorded = _installation.Recorded();
        differences.AddRange(_recorded.Except(recorded).Select(row => $"not recorded: {row}"));
        differences.AddRange(recorded.Except(_recorded).Select(row => $"recorded: {row}"));
        differences.AddRange(_installation.Leftovers());
        differences.AddRange(Unsent(kills));
        differences.AddRange(Unstored());
        differences.AddRange(Unserved());
        differences.AddRange(_targets?.All.SelectMany(target => PushCount.Compare(target, _held[target.Id], kills)) ?? []);
        return new KillVerdict(points, kills, differences);
    }

    public async ValueTask DisposeAsync()
    {
        _installation.Dispose();
        await _script.DisposeAsync();
        if (_collector is not null)
        {
            await _collector.DisposeAsync();
        }

        if (_targets is not null)
        {
            await _targets.DisposeAsync();
        }
    }

    /// <summary>The yardstick itself is held against what the simulator serves: no event and no threat is missing.</summary>
    private List<string> Missing()
    {
        var missing = new List<string>();
        if (_collector is not null)
        {
            // What version 3 had queued leaves as it was queued, with its controls.
            var sent = _sent.Concat(_sentBefore).Select(line => _isUpgrade ? DeliveredCef.Of(line) : line);
            missing.AddRange(_script.Simulator.Threats
                .SelectMany(threat => DeliveredCef.Of(_script.Simulator.Cef(threat.Type, threat.Id)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                .Select(line => "<29>" + line)
                .Except(sent));
        }

        if (_installation.Options.Store)
        {
            missing.AddRange(_installation.ServedToStore().Except(_stored));
            missing.AddRange(_stored.Where(row => row.StartsWith("store,", StringComparison.Ordinal)));
        }

        missing.AddRange(_installation.Options.Taxii ? ServedOrderAudit.Of(_installation) : []);
        return missing;
    }

    /// <summary>Readers of TAXII get what they would have got, in an order that is whole.</summary>
    private List<string> Unserved()
    {
        if (!_installation.Options.Taxii)
        {
            return [];
        }

        var served = ServedOrderAudit.Live(_installation);
        return [.. ServedOrderAudit.Of(_installation), .. _served.Except(served).Select(item => $"not served: {item}"), .. served.Except(_served).Select(item => $"served: {item}")];
    }

    /// <summary>The collector has every event, in the order of the uninterrupted run; a kill repeats the batch in flight and nothing else.</summary>
    private IEnumerable<string> Unsent(int kills)
    {
        if (_collector is null)
        {
            return [];
        }

        var events = _collector.Events;
        var arrived = events.CountBy(text => text).ToDictionary(StringComparer.Ordinal);
        var found = _sent.CountBy(text => text)
            .Where(sent => arrived.GetValueOrDefault(sent.Key) is int times && (times < sent.Value || times > sent.Value * (kills + 1)))
            .Select(sent => $"arrived {arrived.GetValueOrDefault(sent.Key)} time(s) instead of {sent.Value}: {sent.Key}")
            .Concat(events.Except(_sent).Select(text => $"sent without a cause: {text}"));
        return events.Distinct().SequenceEqual(_sent.Distinct()) ? found : found.Append("the order of the events is another one");
    }

    /// <summary>The store is that of the uninterrupted run, and rebuilding its index changes nothing.</summary>
    private List<string> Unstored()
    {
        var found = new List<string>();
        if (_installation.Options.Store)
        {
            Compare(string.Empty);
            _installation.RebuildStore();
            Compare("after a rebuild: ");
        }

        return found;

        void Compare(string when)
        {
            var stored = _installation.StoreContent();
            found.AddRange(_stored.Except(stored).Select(row => $"{when}not {row}"));
            found.AddRange(stored.Except(_stored).Select(row => $"{when}{row}"));
        }
    }

    private static async Task MustSucceedAsync(TortureInstallation installation, CancellationToken cancellationToken)
    {
        var summary = await installation.RunUntilCurrentAsync(cancellationToken);
        if (summary.ExitCode != ExitCode.Done)
        {
            throw new InvalidOperationException($"The uninterrupted run ended with {summary.ExitCode}: {summary.Fault}");
        }
    }
}
