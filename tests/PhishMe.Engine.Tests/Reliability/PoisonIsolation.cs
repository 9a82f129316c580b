using PhishMe.Cli;
using PhishMe.Engine.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Torture;

namespace PhishMe.Engine.Tests.Reliability;

/// <summary>Invariant 5: one bad record is set aside and stops nobody.</summary>
public sealed class PoisonIsolation
{
    [Fact]
    public async Task A_search_that_fails_is_halved_down_to_the_bad_id_and_all_others_are_delivered()
    {
        await using var script = await ThreatScript.StartAsync(51, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script, ["json"]);
        var fresh = Publish(script, 12);
        var bad = fresh[7];
        script.Simulator.Inject(new FaultRule { Route = "search", MatchId = bad, Kind = FaultRuleKind.ServerError500, Count = -1 });
        script.Simulator.Requests.Clear();

        var summary = await RunAsync(installation);

        Assert.Equal((ExitCode.DoneWithDeadLetters, 1, 11), (summary.ExitCode, summary.DeadLetters, summary.Received));
        var letter = Assert.Single(Letters(installation));
        Assert.Equal((bad, OutputFormat.Json), (letter.Subject, letter.Format));
        // 12, 6, 3, 2, 1: a handful of searches, each tried twice, instead of one for every id.
        Assert.InRange(script.Simulator.Requests.Count("search"), 1, 16);
        script.Simulator.ClearFaults();
        var healed = await RunAsync(installation);
        Assert.Equal((ExitCode.Done, 1, 0), (healed.ExitCode, healed.Healed, healed.DeadLettersOpen));
        Assert.Equal([], Completeness.Of(installation));
    }

    [Fact]
    public async Task Ids_the_search_does_not_return_are_asked_for_by_themselves()
    {
        await using var script = await ThreatScript.StartAsync(52, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script, ["json"]);
        var fresh = Publish(script, 6);
        script.Simulator.Inject(new FaultRule { Route = "search", MatchId = $"{fresh[1]},{fresh[4]}", Kind = FaultRuleKind.SearchLacksIds, Count = -1 });
        script.Simulator.Inject(new FaultRule { Route = "detail", MatchId = fresh[4], Kind = FaultRuleKind.ServerError500, Count = -1 });

        var summary = await RunAsync(installation);

        Assert.Equal((ExitCode.DoneWithDeadLetters, 5), (summary.ExitCode, summary.Received));
        Assert.Equal(fresh[4], Assert.Single(Letters(installation)).Subject);
    }

    [Fact]
    public async Task A_page_of_the_backfill_that_keeps_threats_back_is_told_and_asked_for_again()
    {
        await using var script = await ThreatScript.StartAsync(53, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate, Formats = ["json"] });
        script.Simulator.Inject(new FaultRule { Route = "search", Kind = FaultRuleKind.SearchLacksIds });

        var summary = await RunAsync(installation);

        Assert.Equal(ExitCode.DoneWithDeadLetters, summary.ExitCode);
        var letter = Assert.Single(Letters(installation));
        Assert.StartsWith("threats 1 to 5 of 14 (all) from ", letter.Subject, StringComparison.Ordinal);
        Assert.Contains("has 4 threats instead of 5", letter.Reason, StringComparison.Ordinal);
        script.Simulator.Withdraw(script.Ids()[1]);
        await HealAsync(script, installation);
    }

    [Theory]
    [InlineData(FaultRuleKind.ServerError500)]
    [InlineData(FaultRuleKind.Html200)]
    [InlineData(FaultRuleKind.GarbageBytes)]
    public async Task A_page_of_the_backfill_that_fails_is_narrowed_down_to_the_bad_threat_and_all_others_are_delivered(FaultRuleKind kind)
    {
        await using var script = await ThreatScript.StartAsync(58, 34, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate, Formats = ["json", "stix"], ResultsPerPage = 12 });
        Spoil(script, "search", kind, script.Ids()[17]);

        var summary = await RunAsync(installation);

        Assert.Equal((ExitCode.DoneWithDeadLetters, 1, 33), (summary.ExitCode, summary.DeadLetters, summary.Received));
        var letter = Assert.Single(Letters(installation));
        Assert.StartsWith("threat 18 of 34 (all) from ", letter.Subject, StringComparison.Ordinal);
        // Page 1, twelve threats: whole, halves, quarters ... and each time a proof that the search serves something else.
        Assert.InRange(script.Simulator.Requests.Count("search"), 1, 40);
        await HealAsync(script, installation);
    }

    [Fact]
    public async Task Pieces_of_the_first_page_with_several_bad_threats_are_found_too()
    {
        await using var script = await ThreatScript.StartAsync(59, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate, Formats = ["json"], ResultsPerPage = 100 });
        var ids = script.Ids();
        Spoil(script, "search", FaultRuleKind.ServerError500, $"{ids[0]},{ids[6]},{ids[13]}");

        var summary = await RunAsync(installation);

        Assert.Equal((ExitCode.DoneWithDeadLetters, 11), (summary.ExitCode, summary.Received));
        Assert.Equal(["threat 1 of 14", "threat 14 of 14", "threat 7 of 14"], Letters(installation).Select(letter => letter.Subject[..letter.Subject.IndexOf(" (", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
        await HealAsync(script, installation);
    }

    [Fact]
    public async Task A_CEF_window_that_fails_is_halved_down_to_minutes_and_everything_else_is_delivered()
    {
        await using var script = await ThreatScript.StartAsync(60, 34, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate, Formats = ["cef"] });
        var bad = script.Ids().Skip(9).First(id => script.Simulator.Cef(id).Length > 0);
        Spoil(script, "cef-window", FaultRuleKind.ServerError500, bad);

        var summary = await RunAsync(installation);

        Assert.Equal((ExitCode.DoneWithDeadLetters, 1), (summary.ExitCode, summary.DeadLetters));
        var letter = Assert.Single(Letters(installation));
        Assert.Matches("^CEF from [0-9TZ:-]{20} to [0-9TZ:-]{20}$", letter.Subject);
        Assert.InRange(DateTimeOffset.Parse(letter.Subject[33..], null) - DateTimeOffset.Parse(letter.Subject[9..29], null), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10));
        Assert.Equal([$"all.cef lacks {bad}"], Completeness.Of(installation).Where(wrong => wrong.StartsWith("all.", StringComparison.Ordinal)));
        await HealAsync(script, installation);
    }

    [Theory]
    [InlineData("search")]
    [InlineData("cef-window")]
    public async Task An_outage_is_not_taken_for_bad_records(string route)
    {
        await using var script = await ThreatScript.StartAsync(61, 34, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate, Formats = ["cef", "json"] });
        script.Simulator.Inject(new FaultRule { Route = route, Skip = 2, Kind = FaultRuleKind.ServerError500, Count = -1 });

        var summary = await RunAsync(installation);

        Assert.Equal((ExitCode.ApiFailing, 0), (summary.ExitCode, Letters(installation).Count));
        script.Simulator.ClearFaults();
        await installation.RunUntilCurrentAsync(TestContext.Current.CancellationToken);
        Assert.Equal([], Completeness.Of(installation));
    }

    [Theory]
    [InlineData("json")]
    [InlineData("stix")]
    public async Task An_outage_in_the_middle_of_an_update_sets_nothing_aside(string format)
    {
        await using var script = await ThreatScript.StartAsync(64, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script, [format]);
        Publish(script, 12);
        script.Simulator.Inject(new FaultRule { Skip = 1, Kind = FaultRuleKind.ServerError500, Count = -1 });

        var summary = await RunAsync(installation);

        Assert.Equal((ExitCode.ApiFailing, 0), (summary.ExitCode, Letters(installation).Count));
        await HealAsync(script, installation);
    }

    [Fact]
    public async Task When_too_many_threats_cannot_be_served_the_run_stops_and_goes_on_there()
    {
        await using var script = await ThreatScript.StartAsync(62, 60, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate, Formats = ["json"], ResultsPerPage = 10 });
        Spoil(script, "search", FaultRuleKind.ServerError500, string.Join(',', script.Ids().Where((_, number) => number % 2 == 0)));

        var summary = await RunAsync(installation);

        Assert.Equal(ExitCode.ApiFailing, summary.ExitCode);
        Assert.Contains("More than 20 parts", summary.Fault!.Message, StringComparison.Ordinal);
        Assert.InRange(Letters(installation).Count, 0, 20);
        script.Simulator.ClearFaults();
        await installation.RunUntilCurrentAsync(TestContext.Current.CancellationToken);
        await HealAsync(script, installation);
    }

    [Fact]
    public async Task A_gap_of_the_backfill_is_found_where_it_moved_to_and_is_closed_only_when_the_threat_came()
    {
        await using var script = await ThreatScript.StartAsync(63, 34, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate, Formats = ["json"], ResultsPerPage = 12 });
        var clock = new TurnedClock(DateTimeOffset.UtcNow);
        var ids = script.Ids();
        Spoil(script, "search", FaultRuleKind.ServerError500, ids[17]);
        await installation.RunAsync(clock: clock, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Single(Letters(installation));

        // What stands at its place now is another threat, and that one is served.
        script.Simulator.Withdraw(ids[3]);
        script.Simulator.Withdraw(ids[9]);
        clock.Turn(TimeSpan.FromHours(1));
        var still = await installation.RunAsync(clock: clock, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((ExitCode.DoneWithDeadLetters, 0, 1), (still.ExitCode, still.Healed, still.DeadLettersOpen));

        script.Simulator.ClearFaults();
        clock.Turn(TimeSpan.FromHours(1));
        var healed = await installation.RunAsync(clock: clock, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((ExitCode.Done, 1, 0), (healed.ExitCode, healed.Healed, healed.DeadLettersOpen));
        Assert.Equal([], Completeness.Of(installation));
    }

    [Fact]
    public async Task Stray_CEF_lines_are_kept_with_their_text_and_blank_ones_are_nothing()
    {
        await using var script = await ThreatScript.StartAsync(54, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate, Formats = ["cef"] });
        script.Simulator.Inject(new FaultRule { Route = "cef-window", Kind = FaultRuleKind.CefLinesWithoutId });
        script.Simulator.Inject(new FaultRule { Route = "cef-window", Kind = FaultRuleKind.BlankCefLines, Count = -1 });

        var summary = await RunAsync(installation);

        Assert.Equal(ExitCode.DoneWithDeadLetters, summary.ExitCode);
        var letters = Letters(installation);
        Assert.NotEmpty(letters);
        Assert.All(letters, letter => Assert.Equal((null, true), (letter.Id, letter.Payload!.StartsWith("CEF:0|", StringComparison.Ordinal))));
        Assert.DoesNotContain(File.ReadAllLines(installation.InFolder("all.cef")), line => line.Length == 0 || !line.Contains("externalId=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Dead_letters_are_retried_in_growing_distance_listed_by_the_command_and_cleared_when_healed()
    {
        await using var script = await ThreatScript.StartAsync(55, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script, ["stix"]);
        var bad = Publish(script, 2)[0];
        script.Simulator.Inject(new FaultRule { Route = "stix", MatchId = bad, Kind = FaultRuleKind.MalformedXml, Count = -1 });
        var clock = new TurnedClock(DateTimeOffset.UtcNow);
        var triedAfter = new int[12];
        for (var hour = 0; hour < triedAfter.Length; hour++)
        {
            for (var quarter = 0; quarter < 4; quarter++)
            {
                await installation.RunAsync(clock: clock, cancellationToken: TestContext.Current.CancellationToken);
                clock.Turn(TimeSpan.FromMinutes(15));
            }

            triedAfter[hour] = Letters(installation)[0].Attempts;
        }

        // At once, then after 15, 30, 60, 120 and 240 minutes.
        Assert.Equal([4, 4, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7], triedAfter.Select((tries, hour) => hour == 0 ? Math.Max(tries, 4) : tries));
        (var code, var text) = await CommandAsync("dead-letters", "-conf", installation.ConfigurationPath);
        Assert.Equal(0, code);
        Assert.Contains($"{bad} in STIX: tried 7 time(s)", text, StringComparison.Ordinal);
        Assert.Contains("not valid XML", text, StringComparison.Ordinal);
        (_, var json) = await CommandAsync("dead-letters", "-conf", installation.ConfigurationPath, "--json");
        Assert.Contains($"\"subject\":\"{bad}\",\"format\":\"Stix\"", json, StringComparison.Ordinal);
        Assert.Contains("\"payload\":", json, StringComparison.Ordinal);

        script.Simulator.ClearFaults();
        clock.Turn(TimeSpan.FromDays(1));
        var healed = await installation.RunAsync(clock: clock, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((ExitCode.Done, 1), (healed.ExitCode, healed.Healed));
        Assert.Equal("No dead letters.", (await CommandAsync("dead-letters", "-conf", installation.ConfigurationPath)).Text.Trim());
        Assert.Equal([], Completeness.Of(installation));
    }

    [Fact]
    public async Task A_clock_set_back_does_not_keep_dead_letters_waiting_for_the_old_time()
    {
        await using var script = await ThreatScript.StartAsync(56, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script, ["stix"]);
        var bad = Publish(script, 1)[0];
        script.Simulator.Inject(new FaultRule { Route = "stix", MatchId = bad, Kind = FaultRuleKind.MalformedXml, Count = 2 });
        var clock = new TurnedClock(DateTimeOffset.UtcNow.AddYears(3));
        await installation.RunAsync(clock: clock, cancellationToken: TestContext.Current.CancellationToken);
        clock.Turn(TimeSpan.FromMinutes(1));
        await installation.RunAsync(clock: clock, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.Done, 1), await RunAsync(installation) is var summary ? (summary.ExitCode, summary.Healed) : default);
    }

    [Fact]
    public async Task The_summaries_of_past_runs_can_be_read_newest_first()
    {
        await using var script = await ThreatScript.StartAsync(57, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script, ["json"]);
        script.Simulator.Inject(new FaultRule { Route = "updates", Kind = FaultRuleKind.Unauthorized401 });
        var newest = await RunAsync(installation);

        var runs = Engine.GetRuns(installation.ConfigurationPath, 2);

        Assert.Equal(2, runs.Count);
        Assert.Equal((newest.RunId, ExitCode.CredentialsRefused), (runs[0].RunId, runs[0].ExitCode));
        Assert.Equal([], Engine.GetRuns(new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate }).ConfigurationPath, 5));
    }

    private static IntelligenceEngine Engine { get; } = new(new EngineSettings());

    private static IReadOnlyList<DeadLetterRecord> Letters(TortureInstallation installation) => Engine.GetDeadLetters(installation.ConfigurationPath);

    private static async Task<(int Code, string Text)> CommandAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var code = await PhishMeCommand.RunAsync(arguments, Engine, output, output);
        return (code, output.ToString());
    }

    /// <summary>Every answer that would hold one of these threats is spoilt.</summary>
    private static void Spoil(ThreatScript script, string route, FaultRuleKind kind, string ids) =>
        script.Simulator.Inject(new FaultRule { Route = route, Kind = kind, MatchId = ids, MatchServed = true, Count = -1 });

    private static async Task HealAsync(ThreatScript script, TortureInstallation installation)
    {
        script.Simulator.ClearFaults();
        var healed = await installation.RunUntilCurrentAsync(TestContext.Current.CancellationToken);
        Assert.Equal((ExitCode.Done, 0), (healed.ExitCode, healed.DeadLettersOpen));
        Assert.Equal([], Completeness.Of(installation));
    }

    private static string[] Publish(ThreatScript script, int count) =>
        [.. script.Simulator.Publish(count).Select(threat => FormattableString.Invariant($"{threat.Type[0]}_{threat.Id}"))];

    private static async Task<TortureInstallation> UpToDateAsync(ThreatScript script, string[] formats)
    {
        script.Simulator.ChangelogPageSize = 1000;
        var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate, Formats = formats, ResultsPerPage = 100 });
        Assert.Equal(ExitCode.Done, (await installation.RunUntilCurrentAsync(TestContext.Current.CancellationToken)).ExitCode);
        return installation;
    }

    private static Task<RunSummary> RunAsync(TortureInstallation installation) => installation.RunAsync(cancellationToken: TestContext.Current.CancellationToken);
}
