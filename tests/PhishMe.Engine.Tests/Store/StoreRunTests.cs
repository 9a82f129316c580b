using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using PhishMe.Cli;
using PhishMe.Engine.Lookup;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Torture;

namespace PhishMe.Engine.Tests.Store;

/// <summary>The store as a run against the simulator builds it.</summary>
public sealed class StoreRunTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_stores_every_threat_as_received_and_indexes_every_indicator()
    {
        await using var simulator = await StartAsync(150);
        using var installation = WithStore(simulator).WithOutput("json").Save();

        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);

        using var store = Open(installation);
        Threat[] threats = [.. store.ReadThreats(new StoreQuery(), Token)];
        Assert.Equal(simulator.Threats.Select(threat => $"{threat.Type[0]}_{threat.Id}".ToLowerInvariant()).Order(StringComparer.Ordinal), threats.Select(threat => threat.Id.ToString()).Order(StringComparer.Ordinal));
        Assert.All(threats, threat => Assert.True(threat.Json.Span.SequenceEqual(simulator.Json(threat.Id.ToString()).Span)));
        Assert.All(store.Check(Token), result => Assert.Equal(CheckOutcome.Pass, result.Outcome));
        foreach (var indicator in threats.SelectMany(threat => threat.Indicators).Where((_, i) => i % 17 == 0))
        {
            Assert.Contains(store.Find(indicator.NormalizedValue ?? indicator.Value), match => match.ThreatId == indicator.ThreatId);
        }
    }

    [Fact]
    public async Task A_store_alone_needs_no_output_and_costs_the_pages_only()
    {
        await using var simulator = await StartAsync(30);
        using var installation = WithStore(simulator).Save();

        var summary = await installation.RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        using var store = Open(installation);
        Assert.Equal(30, store.GetStatistics().Threats);
    }

    [Fact]
    public async Task Without_the_store_nothing_is_stored_and_nothing_is_found()
    {
        await using var simulator = await StartAsync(10);
        using var installation = new Installation(simulator).WithOutput("json").Save();
        await installation.RunAsync();

        using var store = Open(installation);
        Assert.Equal(0, store.GetStatistics().Threats);
        Assert.Empty(store.Find("evil.example"));
    }

    [Fact]
    public async Task Updates_replace_and_withdrawals_mark()
    {
        await using var simulator = await StartAsync(20);
        using var installation = WithStore(simulator).WithOutput("json").Save();
        await installation.RunAsync();
        string changed = Id(simulator, 3), withdrawn = Id(simulator, 5);
        simulator.Republish(changed);
        simulator.Withdraw(withdrawn);

        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);

        using var store = Open(installation);
        Assert.True(Assert.Single(store.ReadThreats(new StoreQuery { Ids = [ThreatId.Parse(changed)] }, Token)).Json.Span.SequenceEqual(simulator.Json(changed).Span));
        Assert.Empty(store.ReadThreats(new StoreQuery { Ids = [ThreatId.Parse(withdrawn)] }, Token));
        Assert.True(Assert.Single(store.ReadThreats(new StoreQuery { Ids = [ThreatId.Parse(withdrawn)], IncludeWithdrawn = true }, Token)).Withdrawn);
        Assert.All(store.Check(Token), result => Assert.Equal(CheckOutcome.Pass, result.Outcome));

        simulator.Restore(withdrawn);
        await installation.RunAsync();
        Assert.False(Assert.Single(store.ReadThreats(new StoreQuery { Ids = [ThreatId.Parse(withdrawn)] }, Token)).Withdrawn);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("legacy")]
    public async Task The_append_stream_is_told_the_last_known_object_as_deleted(string? layout)
    {
        await using var simulator = await StartAsync(8);
        using var installation = WithStore(simulator).WithOutput("json", files: false, layout: layout).Save();
        await installation.RunAsync();
        var id = Id(simulator, 2);
        var known = simulator.Json(id).ToArray();
        simulator.Withdraw(id);
        var before = new FileInfo(installation.AppendPath("json")).Length;

        await installation.RunAsync();

        var told = Encoding.UTF8.GetString(File.ReadAllBytes(installation.AppendPath("json"))[(int)before..]);
        if (layout is null)
        {
            Assert.Equal(Encoding.UTF8.GetString(known)[..^1] + ",\"deleted\":true}\n", told);
        }

        using var last = JsonDocument.Parse(told);
        using var first = JsonDocument.Parse(known);
        Assert.True(last.RootElement.GetProperty("deleted").GetBoolean());
        Assert.Equal(first.RootElement.EnumerateObject().Select(member => member.Name).Append("deleted").Order(StringComparer.Ordinal), last.RootElement.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_storm_of_threats_published_again_unchanged_emits_nothing(bool moveDate)
    {
        await using var simulator = await StartAsync(40);
        using var installation = WithStore(simulator).Set("local_sqlite", "data_deduplication_use", "True").Set("local_sqlite", "data_deduplication_hours", "24").WithAllOutputs().Save();
        await installation.RunAsync();
        var before = installation.OutputFiles();
        for (var storm = 0; storm < 3; storm++)
        {
            for (var i = 0; i < 40; i++)
            {
                simulator.RepublishUnchanged(Id(simulator, i), moveDate);
            }
        }

        var summary = await installation.RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.All(summary.Outputs.Where(output => output.Format == OutputFormat.Json), output => Assert.Equal(0, output.Threats));
        Assert.Equal(before["all.json"], installation.OutputFiles()["all.json"]);
        Assert.Equal(before.Where(file => file.Key.StartsWith("json", StringComparison.Ordinal)), installation.OutputFiles().Where(file => file.Key.StartsWith("json", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Retention_purges_the_store_and_not_the_cursor_and_gives_the_space_back()
    {
        await using var simulator = await StartAsync(200);
        using var installation = WithStore(simulator).WithOutput("json").Save();
        await installation.RunAsync();
        var position = installation.Position;
        var size = new FileInfo(installation.StatePath).Length;
        var keys = Scalar(installation, "SELECT count(*) FROM indicator_key");

        // The threats were published last before July 2025: most of a year later only a part is young enough.
        installation.Set("local_sqlite", "data_retention_use", "True").Set("local_sqlite", "data_retention_days", "100").Set("pm_api", "position", position).Save();
        var clock = new TurnedClock(new DateTimeOffset(2025, 8, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(ExitCode.Done, (await installation.RunAsync(clock: clock)).ExitCode);

        var oldest = clock.GetUtcNow().AddDays(-100);
        using var store = Open(installation);
        Threat[] left = [.. store.ReadThreats(new StoreQuery(), Token)];
        Assert.InRange(left.Length, 20, 180);
        Assert.All(left, threat => Assert.True(threat.LastPublished >= oldest));
        Assert.All(store.Check(Token), result => Assert.Equal(CheckOutcome.Pass, result.Outcome));
        Assert.InRange(Scalar(installation, "SELECT count(*) FROM indicator_key"), 1, keys - 1);
        Assert.Equal(position, installation.Position);
        Assert.Equal(200, Scalar(installation, "SELECT count(*) FROM threat"));
        Assert.True(new FileInfo(installation.StatePath).Length < size * 8 / 10);
    }

    [Theory]
    [InlineData("append")]
    [InlineData("folder")]
    [InlineData("itself")]
    public async Task A_rebuild_gives_the_same_store(string source)
    {
        await using var simulator = await StartAsync(120);
        using var installation = WithStore(simulator).WithOutput("json").Save();
        await installation.RunAsync();
        var before = Dump(installation);
        using var store = Open(installation);
        var from = source switch
        {
            "append" => installation.AppendPath("json"),
            "folder" => installation.FilesPath("json"),
            _ => null,
        };
        if (from is not null)
        {
            Execute(installation, "DELETE FROM stored_threat; DELETE FROM indicator; DELETE FROM indicator_key;");
        }

        var summary = store.Rebuild(from, null, Token);

        Assert.Equal(new RebuildSummary { Threats = 120, Withdrawn = 0, Unreadable = 0 }, summary);
        Assert.Equal(before, Dump(installation));
        Assert.All(store.Check(Token), result => Assert.Equal(CheckOutcome.Pass, result.Outcome));
    }

    [Fact]
    public async Task A_rebuild_from_the_append_file_knows_what_was_updated_and_withdrawn()
    {
        await using var simulator = await StartAsync(30);
        using var installation = WithStore(simulator).WithOutput("json").Save();
        await installation.RunAsync();
        simulator.Republish(Id(simulator, 1));
        simulator.Withdraw(Id(simulator, 2));
        await installation.RunAsync();
        var before = Dump(installation);
        File.AppendAllText(installation.AppendPath("json"), "no json {\"x\":1} {\"cut\":");
        using var store = Open(installation);

        var summary = store.Rebuild(installation.AppendPath("json"), null, Token);

        Assert.Equal(new RebuildSummary { Threats = 30, Withdrawn = 1, Unreadable = 2 }, summary);
        Assert.Equal(before, Dump(installation));
    }

    [Fact]
    public async Task A_rebuild_that_is_cancelled_leaves_the_old_store()
    {
        await using var simulator = await StartAsync(100);
        using var installation = WithStore(simulator).WithOutput("json").Save();
        await installation.RunAsync();
        var before = Dump(installation);
        using var store = Open(installation);
        using var cancelled = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => store.Rebuild(installation.AppendPath("json"), new Now(_ => cancelled.Cancel()), cancelled.Token));

        Assert.Equal(before, Dump(installation));
    }

    [Fact]
    public async Task A_kill_during_a_batch_leaves_store_and_position_in_agreement()
    {
        await using var simulator = await StartAsync(250);
        using var whole = WithStore(simulator).WithOutput("json").Save();
        await whole.RunAsync();
        using var installation = WithStore(simulator).WithOutput("json").Save();
        var steps = 0;
        var killed = await installation.RunAsync(step: name =>
        {
            if (name == "state-before-commit" && ++steps == 2)
            {
                throw new InvalidOperationException("killed");
            }
        });
        Assert.Equal(ExitCode.Unexpected, killed.ExitCode);

        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);

        Assert.Equal(Dump(whole), Dump(installation));
        Assert.Equal(0, Scalar(installation, "SELECT count(*) FROM indicator_key_new"));
    }

    [Fact]
    public async Task A_run_that_has_nothing_new_moves_the_keys_that_a_killed_one_left()
    {
        await using var simulator = await StartAsync(30);
        using var installation = WithStore(simulator).Save();
        await installation.RunAsync();
        var before = Dump(installation);
        Execute(installation, "INSERT INTO indicator_key_new SELECT * FROM indicator_key WHERE threat % 2 = 0; DELETE FROM indicator_key WHERE threat % 2 = 0");

        await installation.RunAsync();

        Assert.Equal(before, Dump(installation));
        Assert.Equal(0, Scalar(installation, "SELECT count(*) FROM indicator_key_new"));
        using var store = Open(installation);
        Assert.All(store.Check(Token), result => Assert.Equal(CheckOutcome.Pass, result.Outcome));
    }

    [Fact]
    public async Task A_dry_run_stores_nothing_and_copies_no_store()
    {
        await using var simulator = await StartAsync(40);
        using var installation = WithStore(simulator).WithOutput("json").Save();
        await installation.RunAsync();
        simulator.Publish(3);

        var summary = await installation.RunAsync(dryRun: true);

        Assert.Equal("", $"{summary.Fault}");
        Assert.Equal(3, summary.Outputs[0].Threats);
        using var store = Open(installation);
        Assert.Equal(40, store.GetStatistics().Threats);
    }

    [Fact]
    public async Task The_store_is_read_with_the_filters_of_the_api()
    {
        await using var simulator = await StartAsync(200);
        using var installation = WithStore(simulator).Save();
        await installation.RunAsync();
        using var store = Open(installation);
        Threat[] all = [.. store.ReadThreats(new StoreQuery(), Token)];
        var malware = all.First(threat => threat.Families.Count > 0 && threat.Subjects.Count > 0 && threat.Files.Any(file => file.Hashes.Md5 is not null));
        var phish = all.First(threat => threat.Brands.Count > 0 && threat.Type == ThreatType.Phish);
        var middle = all.Select(threat => threat.LastPublished!.Value).Order().ElementAt(100);

        Same(new StoreQuery { Type = ThreatType.Phish }, threat => threat.Type == ThreatType.Phish);
        Same(new StoreQuery { Since = middle }, threat => threat.LastPublished >= middle);
        Same(new StoreQuery { Until = middle }, threat => threat.LastPublished < middle);
        Same(new StoreQuery { MinimumImpact = Impact.Major }, threat => threat.Impact >= Impact.Major);
        Same(new StoreQuery { Families = [malware.Families[0].ToUpperInvariant()] }, threat => threat.Families.Contains(malware.Families[0]) || threat.DeliveryMechanisms.Contains(malware.Families[0]));
        Same(new StoreQuery { Brands = [phish.Brands[0]] }, threat => threat.Brands.Contains(phish.Brands[0]));
        Same(new StoreQuery { Roles = ["c2"] }, threat => threat.Indicators.Any(indicator => indicator.Role == "C2"));
        Same(new StoreQuery { Families = ["No such family"] }, _ => false);
        foreach ((var name, var value) in new[]
        {
            ("malwareFamily", malware.Families[0]), ("malwareSubject", malware.Subjects[0][..5]), ("brand", phish.Brands[0]), ("hasKit", "true"),
            ("malwareArtifactMD5", malware.Files.First(file => file.Hashes.Md5 is not null).Hashes.Md5!.ToUpperInvariant()),
            ("allMD5", malware.Files.First(file => file.Hashes.Md5 is not null).Hashes.Md5!),
            ("urlSearch", phish.PhishingUrl!.Url[..20]), ("threatUrlSearch", $"\"{phish.PhishingUrl.Url}\""), ("threatNativeId", "500001"),
        })
        {
            var answer = await AskAsync(simulator, name, value);
            using var page = JsonDocument.Parse(answer);
            string[] expected = [.. page.RootElement.GetProperty("data").GetProperty("threats").EnumerateArray()
                .Select(threat => $"{(threat.GetProperty("threatType").GetString() == "MALWARE" ? 'm' : 'p')}_{threat.GetProperty("id").GetInt64()}").Order(StringComparer.Ordinal)];
            Assert.NotEmpty(expected);
            Assert.Equal(expected, store.ReadThreats(new StoreQuery { Fields = [new(name, value)] }, Token).Select(threat => threat.Id.ToString()).Order(StringComparer.Ordinal));
        }

        Assert.Equal(Faults.SearchFieldUnknown, Assert.Throws<PhishMeException>(() => store.ReadThreats(new StoreQuery { Fields = [new("malwareFamly", "x")] }, Token).Count()).Fault.Kind);

        void Same(StoreQuery query, Func<Threat, bool> wanted) =>
            Assert.Equal(all.Where(wanted).Select(threat => threat.Id), store.ReadThreats(query, Token).Select(threat => threat.Id));
    }

    [Fact]
    public async Task Statistics_count_what_the_threats_say()
    {
        await using var simulator = await StartAsync(100);
        using var installation = WithStore(simulator).Save();
        await installation.RunAsync();
        simulator.Withdraw(Id(simulator, 4));
        await installation.RunAsync();
        using var store = Open(installation);
        Threat[] all = [.. store.ReadThreats(new StoreQuery(), Token)];

        var statistics = store.GetStatistics();

        Assert.Equal(99, statistics.Threats);
        Assert.Equal(1, statistics.Withdrawn);
        Assert.Equal(Counted(all.SelectMany(threat => threat.Families)), statistics.ByFamily);
        Assert.Equal(Counted(all.SelectMany(threat => threat.Brands)), statistics.ByBrand);
        Assert.Equal(Counted(all.Select(threat => threat.Type.ToString())), statistics.ByType);
        var indicators = all.SelectMany(threat => threat.Indicators.Select(IndexedIndicator.Of).Distinct()).ToList();
        Assert.Equal(indicators.Count, statistics.Indicators);
        Assert.Equal(Counted(indicators.Select(indicator => indicator.Role).OfType<string>()), statistics.ByRole);
        Assert.Equal(Counted(indicators.Select(indicator => indicator.Impact?.ToString() ?? "Unrated")), statistics.ByImpact);
        Assert.Equal(
            Counted(all.Select(threat => threat.FirstPublished!.Value.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture))).OrderBy(day => day.Name, StringComparer.Ordinal),
            statistics.ByDay);

        static NamedCount[] Counted(IEnumerable<string> names) =>
            [.. names.GroupBy(name => name).Select(same => new NamedCount(same.Key, same.Count())).OrderByDescending(count => count.Count).ThenBy(count => count.Name, StringComparer.Ordinal)];
    }

    [Fact]
    public async Task The_command_line_finds_checks_counts_and_rebuilds()
    {
        await using var simulator = await StartAsync(30);
        using var installation = WithStore(simulator).WithOutput("json").Save();
        await installation.RunAsync();
        using var store = Open(installation);
        var value = store.ReadThreats(new StoreQuery(), Token).SelectMany(threat => threat.Indicators).First(indicator => indicator.Kind == IndicatorKind.Url).Value;
        var log = installation.InFolder("proxy.txt");
        File.WriteAllText(log, $"nothing\nGET {value} 200\n");

        Assert.Contains(value, (await CommandAsync(installation, string.Empty, "find", value)).Output, StringComparison.Ordinal);
        Assert.Contains("\"matchKind\":\"Exact\"", (await CommandAsync(installation, value + "\n", "find", "--json")).Output, StringComparison.Ordinal);
        Assert.StartsWith("2: ", (await CommandAsync(installation, string.Empty, "find", "--path", log)).Output, StringComparison.Ordinal);
        Assert.Equal(string.Empty, (await CommandAsync(installation, string.Empty, "find", value, "--since", "2040-01-01")).Output);
        Assert.StartsWith("PASS", (await CommandAsync(installation, string.Empty, "store", "check")).Output, StringComparison.Ordinal);
        Assert.Contains("30 threats", (await CommandAsync(installation, string.Empty, "store", "statistics")).Output, StringComparison.Ordinal);
        Assert.Contains("30 threats", (await CommandAsync(installation, string.Empty, "store", "rebuild", "--from", installation.FilesPath("json"))).Output, StringComparison.Ordinal);
        (var exitCode, _, var error) = await CommandAsync(installation, string.Empty, "find", "--path", installation.InFolder("missing"));
        Assert.Equal((int)ExitCode.Usage, exitCode);
        Assert.StartsWith("InputUnreadable", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_match_is_shown_before_the_next_line_of_the_pipe_is_waited_for()
    {
        await using var simulator = await StartAsync(10);
        using var installation = WithStore(simulator).Save();
        await installation.RunAsync();
        var value = Open(installation).ReadThreats(new StoreQuery(), Token).SelectMany(threat => threat.Indicators).First(indicator => indicator.Kind == IndicatorKind.Url).Value;
        using var output = new WatchedOutput();

        // Two matches, because the first is shown at once in any case. The pipe ends when the second was shown.
        using var pipe = new Pipe([value, value], output.ShownTwice);
        var engine = new EngineFactory().Create(new EngineOptions { Version = "1.0.0" });
        var exitCode = await PhishMeCommand.RunAsync(["find", "-conf", installation.ConfigurationPath], engine, output, TextWriter.Null, pipe);

        Assert.Equal((int)ExitCode.Done, exitCode);
    }

    [Theory]
    [InlineData("newer", ExitCode.Configuration, "StateTooNew: The state file has version 99")]
    [InlineData("damaged", ExitCode.OutputFailed, "StoreDamaged: The state file is damaged")]
    [InlineData("locked", ExitCode.Locked, "StoreLocked: Another program is writing the state file")]
    public async Task A_store_that_cannot_be_read_is_reported_by_the_command_line_in_one_line(string what, ExitCode expected, string message)
    {
        await using var simulator = await StartAsync(10);
        using var installation = WithStore(simulator).Save();
        await installation.RunAsync();
        using var other = new SqliteConnection($"Data Source={installation.StatePath};Pooling=False");
        switch (what)
        {
            case "newer":
                Execute(installation, "PRAGMA user_version = 99");
                break;
            case "damaged":
                var bytes = File.ReadAllBytes(installation.StatePath);
                bytes.AsSpan(4096).Fill(0xA5);
                File.WriteAllBytes(installation.StatePath, bytes);
                break;
            default:
                other.Open();
                using (var command = other.CreateCommand())
                {
                    command.CommandText = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE x (y); COMMIT;";
                    command.ExecuteNonQuery();
                }

                break;
        }

        var before = what == "locked" ? [] : File.ReadAllBytes(installation.StatePath);
        (var exitCode, var output, var error) = await CommandAsync(installation, string.Empty, "find", "evil.example");

        Assert.Equal(((int)expected, string.Empty), (exitCode, output));
        Assert.StartsWith(message, error, StringComparison.Ordinal);
        Assert.Contains(installation.StatePath, error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(what == "locked" || before.AsSpan().SequenceEqual(File.ReadAllBytes(installation.StatePath)), "nothing is lost");
    }

    private static async Task<(int ExitCode, string Output, string Error)> CommandAsync(Installation installation, string input, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var reader = new StringReader(input);
        var engine = new EngineFactory().Create(new EngineOptions { Version = "1.0.0" });
        var exitCode = await PhishMeCommand.RunAsync([.. args, "-conf", installation.ConfigurationPath], engine, output, error, reader);
        return (exitCode, output.ToString(), error.ToString());
    }

    private static async Task<string> AskAsync(ThreatHqSimulator simulator, string name, string value)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{simulator.User}:{simulator.Password}")));
        return await client.GetStringAsync(new Uri($"{simulator.BaseUri}/threat/search?resultsPerPage=100&{name}={Uri.EscapeDataString(value)}"), Token);
    }

    private static Task<ThreatHqSimulator> StartAsync(int threats) => ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = threats }, Token);

    private static Installation WithStore(ThreatHqSimulator simulator) => new Installation(simulator).Set("local_sqlite", "use", "True");

    private static IntelligenceStore Open(Installation installation) => IntelligenceStore.Open(new SqliteStoreFile(installation.StatePath), TimeProvider.System);

    private static string Id(ThreatHqSimulator simulator, int index) => $"{simulator.Threats[index].Type[0]}_{simulator.Threats[index].Id}".ToLowerInvariant();

    /// <summary>Everything in the store but times of our own and numbers of our own.</summary>
    private static string[] Dump(Installation installation)
    {
        using var connection = new SqliteConnection($"Data Source={installation.StatePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT concat_ws('|', t.type, t.number, hex(t.content), t.first_published, t.last_published, t.withdrawn_at IS NULL, t.impact, t.label, t.detail_url, hex(j.json)) AS line
            FROM stored_threat t JOIN stored_json j USING (threat)
            UNION ALL SELECT concat_ws('|', t.type, t.number, i.ordinal, i.kind, i.source, i.impact, i.corollary, r.text, f.text, hex(i.value))
            FROM indicator i JOIN stored_threat t USING (threat) LEFT JOIN term r ON r.term = i.role LEFT JOIN term f ON f.term = i.family
            UNION ALL SELECT concat_ws('|', t.type, t.number, k.ordinal, k.hash) FROM indicator_key_all k JOIN stored_threat t USING (threat)
            UNION ALL SELECT concat_ws('|', t.type, t.number, k.ordinal, hex(k.address)) FROM indicator_address k JOIN stored_threat t USING (threat)
            UNION ALL SELECT concat_ws('|', t.type, t.number, x.sort, m.text) FROM threat_term x JOIN stored_threat t USING (threat) JOIN term m USING (term)
            ORDER BY line
            """;
        using var row = command.ExecuteReader();
        var lines = new List<string>();
        while (row.Read())
        {
            lines.Add(row.GetString(0));
        }

        return [.. lines];
    }

    private static long Scalar(Installation installation, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={installation.StatePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(Installation installation, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={installation.StatePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class WatchedOutput : StringWriter
    {
        private readonly TaskCompletionSource _twice = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _times;

        public Task ShownTwice => _twice.Task;

        public override void Flush()
        {
            if (++_times == 2)
            {
                _twice.SetResult();
            }
        }
    }

    /// <summary>Lines that are there, and an end that is to come.</summary>
    private sealed class Pipe(IEnumerable<string> lines, Task end) : TextReader
    {
        private readonly Queue<string> _lines = new(lines);

        public override ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) =>
            _lines.TryDequeue(out var line) ? ValueTask.FromResult<string?>(line) : new ValueTask<string?>(EndAsync());

        private async Task<string?> EndAsync()
        {
            await end.WaitAsync(TimeSpan.FromSeconds(30), Token);
            return null;
        }
    }

    private sealed class Now(Action<RunProgress> told) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => told(value);
    }
}
