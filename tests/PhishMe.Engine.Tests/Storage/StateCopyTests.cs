using System.Globalization;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Running;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.PostgreSql;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Storage.PostgreSql;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Torture.Kills;

namespace PhishMe.Engine.Tests.Storage;

/// <summary><c>phishme state copy</c>: everything a state holds, there and back, whatever kills it.</summary>
public sealed class StateCopyTests
{
    /// <summary>Numbered anew with the index; what they say is compared with their words.</summary>
    private static readonly string[] _derived = ["term", "threat_term", "indicator", "indicator_key_new", "sqlite_sequence"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_state_that_was_copied_there_and_back_is_the_same_row_by_row()
    {
        await using var simulator = await StartAsync();
        using var installation = await FilledAsync(simulator);
        var shared = PostgreSqlServer.Shared.NewState();
        var before = Dump(installation.StatePath);

        var there = Copy(installation, shared, toShared: true);
        File.Move(installation.StatePath, installation.InFolder("before.db"));
        var back = Copy(installation, shared, toShared: false);

        Assert.Equal(there.Areas, back.Areas);
        Assert.Contains(there.Areas, area => area is { Name: "queue", Count: > 0 });
        Assert.Contains(there.Areas, area => area is { Name: "ledger", Count: 1 });
        Assert.Contains(there.Areas, area => area is { Name: "dead_letter", Count: 1 });
        Assert.Contains(there.Areas, area => area is { Name: "served_pending" or "served_threat", Count: > 0 });
        var after = Dump(installation.StatePath);
        Assert.Equal(before.Keys, after.Keys);
        Assert.All(before, table => Assert.Equal(table.Value, after[table.Key]));
        Assert.False(File.Exists(installation.StatePath + ".copying"));
    }

    [Fact]
    public async Task Runs_go_on_with_the_copy_as_if_it_were_the_original()
    {
        await using var simulator = await StartAsync();
        using var installation = await FilledAsync(simulator, isPlain: true);
        var shared = PostgreSqlServer.Shared.NewState();
        var written = await File.ReadAllTextAsync(installation.AppendPath("json"), Stop);
        installation.Set("state", "host_name", "here").Save(installation.Position);
        Copy(installation, shared, toShared: true);
        File.Delete(installation.StatePath);

        installation.Set("state", "connection", shared.Connection).Save(installation.Position);
        var idle = await installation.RunAsync();
        Assert.Equal(ExitCode.Done, idle.ExitCode);
        Assert.Equal(written, await File.ReadAllTextAsync(installation.AppendPath("json"), Stop));

        simulator.Publish(3);
        var changed = await installation.RunAsync();
        Assert.Equal(ExitCode.Done, changed.ExitCode);
        var grown = await File.ReadAllTextAsync(installation.AppendPath("json"), Stop);
        Assert.Equal(3, grown.AsSpan(written.Length).Count('\n'));
        Assert.False(File.Exists(installation.StatePath));

        // Back to the file, and nothing is repeated there either.
        new IntelligenceEngine(new EngineSettings()).CopyState(new StateCopyRequest { ConfigurationPath = installation.ConfigurationPath, ToShared = false }, progress: null, Stop);
        installation.Sections.Remove("state");
        installation.Save(installation.Position);
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal(grown, await File.ReadAllTextAsync(installation.AppendPath("json"), Stop));
    }

    [Theory]
    [InlineData("copy-begun", true)]
    [InlineData("copied-delivery", true)]
    [InlineData("copied-stored_json", true)]
    [InlineData("copied-index", true)]
    [InlineData("copy-compared", true)]
    [InlineData("copy-begun", false)]
    [InlineData("copied-queue", false)]
    [InlineData("copied-index", false)]
    [InlineData("copy-compared", false)]
    public async Task A_copy_that_was_killed_is_no_state_and_the_next_one_completes_it(string step, bool toShared)
    {
        await using var simulator = await StartAsync();
        using var installation = await FilledAsync(simulator);
        var shared = PostgreSqlServer.Shared.NewState();
        var before = Dump(installation.StatePath);
        if (!toShared)
        {
            Copy(installation, shared, toShared: true);
            File.Delete(installation.StatePath);
        }

        var connection = installation.InFolder("connection");
        await File.WriteAllTextAsync(connection, shared.Connection, Stop);
        using (var process = SyncProcess.Start([SelfKillingHost.CopyVerb, installation.ConfigurationPath, step, "1", toShared ? "--to" : "--from", $"file:{connection}"]))
        {
            var output = process.StandardOutput.ReadToEndAsync(Stop);
            var errors = await process.StandardError.ReadToEndAsync(Stop);
            await process.WaitForExitAsync(Stop);
            Assert.True(process.ExitCode == 137, $"{process.ExitCode}: {await output}{errors}");
        }

        if (toShared)
        {
            var unfinished = Assert.Throws<PhishMeException>(() => SharedStateStore.Open(shared, TimeProvider.System, step: null));
            Assert.Equal(Faults.StateCopyUnfinished, unfinished.Fault.Kind);
            Assert.Equal(Faults.StateCopyUnfinished, Assert.Throws<PhishMeException>(() => new SharedStoreLocation(shared, TimeProvider.System).OpenReader()).Fault.Kind);
        }
        else
        {
            Assert.False(File.Exists(installation.StatePath));
        }

        var summary = Copy(installation, shared, toShared);
        Assert.True(summary.Resumed);
        if (toShared)
        {
            File.Delete(installation.StatePath);
            Copy(installation, shared, toShared: false);
        }

        Assert.All(before, table => Assert.Equal(table.Value, Dump(installation.StatePath)[table.Key]));
    }

    [Fact]
    public async Task What_changed_since_a_copy_was_stopped_is_copied_again()
    {
        await using var simulator = await StartAsync();
        using var installation = await FilledAsync(simulator);
        var shared = PostgreSqlServer.Shared.NewState();
        Assert.ThrowsAny<OperationCanceledException>(() => Copy(installation, shared, toShared: true, step => Stopped(step == "copied-index")));
        simulator.Publish(5);
        simulator.Withdraw($"m_{simulator.Threats.First(threat => threat.Type == "malware").Id}");
        await installation.RunAsync();
        var before = Dump(installation.StatePath);

        Copy(installation, shared, toShared: true);
        File.Delete(installation.StatePath);
        Copy(installation, shared, toShared: false);

        Assert.All(before, table => Assert.Equal(table.Value, Dump(installation.StatePath)[table.Key]));
    }

    [Fact]
    public async Task A_target_that_holds_a_state_or_the_copy_of_another_one_is_refused()
    {
        await using var simulator = await StartAsync();
        using var one = await FilledAsync(simulator);
        using var other = await FilledAsync(simulator);
        var shared = PostgreSqlServer.Shared.NewState();
        Assert.ThrowsAny<OperationCanceledException>(() => Copy(one, shared, toShared: true, step => Stopped(step == "copied-queue")));

        Assert.Equal(Faults.StateNotEmpty, Assert.Throws<PhishMeException>(() => Copy(other, shared, toShared: true)).Fault.Kind);
        Copy(one, shared, toShared: true);
        Assert.Equal(Faults.StateNotEmpty, Assert.Throws<PhishMeException>(() => Copy(other, shared, toShared: true)).Fault.Kind);
        Assert.Equal(Faults.StateNotEmpty, Assert.Throws<PhishMeException>(() => Copy(other, shared, toShared: false)).Fault.Kind);
        using var held = SharedStateStore.Open(shared, TimeProvider.System, step: null);
        File.Delete(other.StatePath);
        Assert.Equal(Faults.RunLocked, Assert.Throws<PhishMeException>(() => Copy(other, shared, toShared: false)).Fault.Kind);
    }

    [Fact]
    public async Task A_copy_that_is_not_like_the_original_is_no_state()
    {
        await using var simulator = await StartAsync();
        using var installation = await FilledAsync(simulator);
        var shared = PostgreSqlServer.Shared.NewState();

        var failed = Assert.Throws<PhishMeException>(() => Copy(installation, shared, toShared: true, step =>
        {
            if (step == "copied-index")
            {
                PostgreSqlServer.Shared.Ask<int>(shared, "UPDATE indicator SET impact = 0 WHERE (threat, ordinal) IN (SELECT threat, ordinal FROM indicator WHERE impact > 0 LIMIT 1); SELECT 1");
            }
        }));

        Assert.Equal(Faults.StateCopyFailed, failed.Fault.Kind);
        Assert.Equal(Faults.StateCopyUnfinished, Assert.Throws<PhishMeException>(() => SharedStateStore.Open(shared, TimeProvider.System, step: null)).Fault.Kind);
    }

    private static void Stopped(bool isTime)
    {
        if (isTime)
        {
            throw new OperationCanceledException();
        }
    }

    private static StateCopySummary Copy(Installation installation, SharedStateAddress shared, bool toShared, Action<string>? step = null) =>
        new IntelligenceEngine(new EngineSettings { Step = step }).CopyState(
            new StateCopyRequest { ConfigurationPath = installation.ConfigurationPath, ToShared = toShared, Connection = shared.Connection }, progress: null, Stop);

    private static Task<ThreatHqSimulator> StartAsync() => ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 300 }, Stop);

    /// <summary>What runs leave behind: files, a queue for a collector that is down, the store, an update, a withdrawal; and by hand what runs rarely leave.</summary>
    /// <param name="simulator">The API.</param>
    /// <param name="isPlain">Whether every run ends in order: without the collector, and without what is made by hand.</param>
    private static async Task<Installation> FilledAsync(ThreatHqSimulator simulator, bool isPlain = false)
    {
        var installation = new Installation(simulator).WithOutput("json").WithOutput("cef").WithStore()
            .Set("integration_raw_cef", "syslog_use", (!isPlain).ToString()).Set("integration_raw_cef", "syslog_host", "127.0.0.1").Set("integration_raw_cef", "syslog_port", "9")
            .Set("integration_raw_cef", "syslog_transport", "tcp").Save();
        await installation.RunAsync();
        simulator.Republish($"m_{simulator.Threats.Last(threat => threat.Type == "malware").Id}");
        simulator.Withdraw($"p_{simulator.Threats.Last(threat => threat.Type == "phish").Id}");
        await installation.RunAsync();
        installation.Save(installation.Position);
        if (isPlain)
        {
            return installation;
        }

        using var state = new SqliteStateBackend().Open(StateLocation.OfFile(installation.StatePath));
        var id = new DestinationId("product");
        await state.LedgerOf(id).UpdateAsync(
            [new LedgerEntry { Destination = id, Key = "ключ", Fingerprint = "1", TargetReference = null, ExpiresAt = DateTimeOffset.UnixEpoch, SentAt = DateTimeOffset.UnixEpoch.AddDays(1) }], [], Stop);
        using var transaction = await state.BeginAsync(Stop);
        await transaction.SetAsideAsync(
            new DeadLetter { Place = new ThreatPlace(new ThreatId(ThreatType.Phish, 7)), Destination = new DestinationId("raw_json"), Format = OutputFormat.Json, Reason = "why", Payload = [0, 1, 255] },
            DateTimeOffset.UnixEpoch.AddDays(2));
        await transaction.CommitAsync();
        return installation;
    }

    /// <summary>All rows of all tables, sorted.</summary>
    private static SortedDictionary<string, string[]> Dump(string path)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        var tables = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var table in Rows(connection, "SELECT name FROM sqlite_master WHERE type = 'table'").Where(name => !_derived.Contains(name)))
        {
            // Which of the keys have gathered, and which were moved, is no difference.
            tables.Add(table, [.. Rows(connection, table == "indicator_key" ? "SELECT * FROM indicator_key_all" : $"SELECT * FROM {table}").Order(StringComparer.Ordinal)]);
        }

        tables.Add("words of indicators", [.. Rows(
            connection,
            """
            SELECT i.threat, i.ordinal, i.kind, i.source, i.impact, i.corollary, i.value, r.text, f.text FROM indicator i
            LEFT JOIN term r ON r.term = i.role LEFT JOIN term f ON f.term = i.family
            """).Order(StringComparer.Ordinal)]);
        tables.Add("words of threats", [.. Rows(connection, "SELECT x.threat, x.sort, t.text FROM threat_term x JOIN term t ON t.term = x.term").Order(StringComparer.Ordinal)]);
        return tables;
    }

    private static List<string> Rows(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of the test, and names of tables.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var row = command.ExecuteReader();
        var rows = new List<string>();
        while (row.Read())
        {
            rows.Add(string.Join(' ', Enumerable.Range(0, row.FieldCount).Select(column =>
                row[column] is byte[] blob ? Convert.ToHexString(blob) : Convert.ToString(row[column], CultureInfo.InvariantCulture))));
        }

        return rows;
    }
}
