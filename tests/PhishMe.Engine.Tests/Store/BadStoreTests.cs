using Microsoft.Data.Sqlite;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Intelligence;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Store;

/// <summary>Files that are not what they should be: a clear fault, and nothing lost.</summary>
public sealed class BadStoreTests
{
    [Fact]
    public void A_store_from_a_newer_version()
    {
        using var folder = Filled();
        Execute(folder.StatePath, "PRAGMA user_version = 99");

        Assert.Equal(Faults.StateTooNew, FaultOf(() => folder.Find("evil.example")));
        Assert.Equal(Faults.StateTooNew, FaultOf(() => Rebuild(folder)));
    }

    [Fact]
    public void A_store_from_an_older_version_is_brought_up_by_a_run_and_not_by_a_reader()
    {
        using var folder = new StoreFolder();
        using (var state = StateStore.Open(folder.StatePath))
        {
            // Made below.
        }

        OldState.Downgrade(folder.StatePath, 1);

        Assert.Equal(Faults.StoreTooOld, FaultOf(() => folder.Find("evil.example")));
        folder.Put(Malware(1).Domain("evil.example"));
        Assert.Single(folder.Find("evil.example"));
    }

    [Fact]
    public void A_store_from_before_keys_gathered_keeps_its_threats()
    {
        using var folder = Filled().MoveKeys();
        OldState.Downgrade(folder.StatePath, 2);
        Assert.Equal(Faults.StoreTooOld, FaultOf(() => folder.Find("evil.example")));

        folder.Put(Malware(3).Domain("third.example"));

        Assert.Single(folder.Find("evil.example"));
        Assert.Single(folder.Find("third.example"));
    }

    [Fact]
    public void An_index_of_an_older_form_is_made_anew_by_a_run_and_not_by_a_reader()
    {
        using var folder = new StoreFolder();
        folder.Put(Malware(1).Url("http://0xCB00717A/x"), Malware(2).Domain("bu\u0308ro.example")).MoveKeys();
        Execute(
            folder.StatePath,
            "PRAGMA application_id = 0; DELETE FROM indicator_key; UPDATE indicator SET value = 'http://0xcb00717a/x' WHERE threat = 1; UPDATE indicator SET value = 'xn--buro-7ld.example' WHERE threat = 2;");
        Assert.Equal(Faults.StoreTooOld, FaultOf(() => folder.Find("203.0.113.122")));

        folder.Put(Malware(3).Domain("third.example"));

        Assert.Single(folder.Find("203.0.113.122"));
        Assert.Single(folder.Find("b\u00FCro.example"));
        Assert.Single(folder.Find("third.example"));
        using var store = folder.Open();
        Assert.All(store.Check(TestContext.Current.CancellationToken), result => Assert.Equal(CheckOutcome.Pass, result.Outcome));
    }

    [Fact]
    public void A_damaged_page()
    {
        using var folder = Filled();
        using (var file = File.OpenWrite(folder.StatePath))
        {
            // Behind the first page, which holds the schema.
            file.Position = 4096;
            file.Write(Enumerable.Repeat((byte)0xA5, (int)file.Length - 4096).ToArray());
        }

        Assert.Equal(Faults.StoreDamaged, FaultOf(() => folder.Find("evil.example")));
        using var store = folder.Open();
        var result = Assert.Single(store.Check(TestContext.Current.CancellationToken));
        Assert.Equal(CheckOutcome.Fail, result.Outcome);
    }

    [Fact]
    public void A_file_that_is_no_database()
    {
        using var folder = new StoreFolder();
        File.WriteAllText(folder.StatePath, new string('x', 10_000));

        Assert.Equal(Faults.StoreDamaged, FaultOf(() => folder.Find("evil.example")));
        Assert.Equal(Faults.StoreDamaged, FaultOf(() => Rebuild(folder)));
        Assert.Equal(new string('x', 10_000), File.ReadAllText(folder.StatePath));
    }

    [Fact]
    public void A_file_that_is_not_there()
    {
        using var folder = new StoreFolder();

        Assert.Equal(Faults.StoreNotFound, FaultOf(() => folder.Find("evil.example")));
        Assert.Equal(Faults.StoreNotFound, FaultOf(() => Rebuild(folder)));
        Assert.False(File.Exists(folder.StatePath));
    }

    [Fact]
    public void An_empty_file_holds_no_state()
    {
        using var folder = new StoreFolder();
        File.WriteAllText(folder.StatePath, string.Empty);

        Assert.Equal(Faults.StoreNotFound, FaultOf(() => folder.Find("evil.example")));
    }

    [Fact]
    public void A_file_that_another_program_has_locked()
    {
        using var folder = Filled();
        using var other = new SqliteConnection($"Data Source={folder.StatePath};Pooling=False");
        other.Open();
        Execute(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE x (y); COMMIT;");

        Assert.Equal(Faults.StoreLocked, FaultOf(() => folder.Find("evil.example")));
    }

    [Fact]
    public void Reading_goes_on_while_a_run_writes()
    {
        using var folder = Filled();
        using var state = StateStore.Open(folder.StatePath);
        using var transaction = state.Begin();
        state.OpenArchive().Withdraw(new ThreatId(ThreatType.Malware, 1), 5);

        Assert.Single(folder.Find("evil.example"));
    }

    [Fact]
    public void A_damaged_threat_and_a_damaged_index_are_reported_and_rebuilt()
    {
        using var folder = Filled();
        Execute(folder.StatePath, "DELETE FROM indicator_key_new WHERE threat = 1; UPDATE indicator SET value = 'other.example' WHERE threat = 2;");
        using var store = folder.Open();

        var index = store.Check(TestContext.Current.CancellationToken).Last();
        Assert.Equal(CheckOutcome.Fail, index.Outcome);
        Assert.Contains("m_2", index.Message, StringComparison.Ordinal);

        store.Rebuild(null, null, TestContext.Current.CancellationToken);
        Assert.All(store.Check(TestContext.Current.CancellationToken), result => Assert.Equal(CheckOutcome.Pass, result.Outcome));
        Assert.Single(store.Find("evil.example"));
    }

    [Fact]
    public void Missing_keys_alone_are_told()
    {
        using var folder = Filled();
        Execute(folder.StatePath, "DELETE FROM indicator_key_new WHERE threat = 1");
        using var store = folder.Open();

        Assert.Equal(CheckOutcome.Fail, store.Check(TestContext.Current.CancellationToken).Last().Outcome);
    }

    [Fact]
    public void Damaged_json_is_reported_with_its_threat()
    {
        using var folder = Filled();
        Execute(folder.StatePath, "UPDATE stored_json SET json = x'0102030405' WHERE threat = 1");
        using var store = folder.Open();

        CheckResult[] results = [.. store.Check(TestContext.Current.CancellationToken)];
        Assert.Contains("m_1", results[1].Message, StringComparison.Ordinal);
        Assert.Equal(Faults.StoreDamaged, FaultOf(() => store.ReadThreats(new StoreQuery(), TestContext.Current.CancellationToken).Count()));
    }

    private static StoreFolder Filled()
    {
        var folder = new StoreFolder();
        folder.Put(Malware(1).Domain("evil.example"), Malware(2).Domain("more.example").IPv4("203.0.113.7"));
        return folder;
    }

    private static void Rebuild(StoreFolder folder)
    {
        using var store = folder.Open();
        store.Rebuild(null, null, TestContext.Current.CancellationToken);
    }

    private static FaultKind FaultOf(Action work) => Assert.Throws<PhishMeException>(work).Fault.Kind;

    private static FaultKind FaultOf<T>(Func<T> work) => FaultOf(() => { _ = work(); });

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        Execute(connection, sql);
        Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
