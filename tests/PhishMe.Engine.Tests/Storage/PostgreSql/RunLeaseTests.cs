using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.PostgreSql;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Storage.PostgreSql;

/// <summary>One run at a time over all hosts, and what becomes of one that loses its connection or its lease.</summary>
public sealed class RunLeaseTests
{
    private static readonly DestinationId _one = new("one");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void While_one_host_has_the_state_open_no_other_can_open_it_to_change_it()
    {
        var here = PostgreSqlServer.Shared.NewState("here");
        using var state = Open(here);

        var refused = Assert.Throws<PhishMeException>(() => Open(PostgreSqlServer.From(here, "there")));

        Assert.Equal((Faults.RunLocked, ExitCode.Locked), (refused.Fault.Kind, refused.Fault.Kind.ExitCode));
        Assert.Contains("phishme here ", refused.Message, StringComparison.Ordinal);
        using var looked = SharedStateStore.OpenReadOnly(PostgreSqlServer.From(here, "there"));
        using var copied = SharedStateStore.OpenCopy(PostgreSqlServer.From(here, "there"));
        Assert.Null(copied.Cursor);
    }

    [Fact]
    public void The_lease_goes_with_the_session_and_to_the_next_at_once()
    {
        var here = PostgreSqlServer.Shared.NewState("here");
        var there = PostgreSqlServer.From(here, "there");
        Open(here).Dispose();
        using (Open(there))
        {
        }

        // A second state in the same database has a lease of its own.
        using var mine = Open(here);
        using var other = Open(PostgreSqlServer.Shared.NewState("here"));
    }

    [Fact]
    public async Task A_run_whose_lease_went_to_another_commits_nothing()
    {
        var here = PostgreSqlServer.Shared.NewState("here");
        using var state = Open(here);
        await EnqueueAsync(state, "before");
        using var transaction = await state.BeginAsync(Stop);
        await transaction.EnqueueAsync([Item("paused")]);

        // As if the server had given the lock away while this run could not see it.
        PostgreSqlServer.Shared.Ask<long>(here, "UPDATE phishme_state SET fence = fence + 1 RETURNING fence");

        var lost = await Assert.ThrowsAsync<PhishMeException>(transaction.CommitAsync);
        Assert.Equal((Faults.StateLeaseLost, ExitCode.Locked), (lost.Fault.Kind, lost.Fault.Kind.ExitCode));
        transaction.Dispose();
        Assert.Equal(1L, PostgreSqlServer.Shared.Ask<long>(here, "SELECT count(*) FROM queue"));
    }

    [Fact]
    public async Task A_connection_that_is_cut_between_two_batches_is_made_again_and_the_run_goes_on()
    {
        var here = PostgreSqlServer.Shared.NewState("here");
        using var state = Open(here);
        await EnqueueAsync(state, "a");
        Cut(here);
        await EnqueueAsync(state, "b");
        Cut(here);

        Assert.Equal(2, (await state.GetQueueDepthAsync(_one, Stop)).Items);
        Assert.Throws<PhishMeException>(() => Open(PostgreSqlServer.From(here, "there")));
    }

    [Fact]
    public async Task A_run_that_was_cut_off_and_whose_lease_another_took_ends_and_commits_nothing()
    {
        var here = PostgreSqlServer.Shared.NewState("here");
        using var state = Open(here);
        await EnqueueAsync(state, "a");
        Cut(here);
        using (var other = Open(PostgreSqlServer.From(here, "there")))
        {
            await EnqueueAsync(other, "b");
        }

        var lost = await Assert.ThrowsAsync<PhishMeException>(() => EnqueueAsync(state, "c"));
        Assert.Equal(Faults.StateLeaseLost, lost.Fault.Kind);
        Assert.Equal(2L, PostgreSqlServer.Shared.Ask<long>(here, "SELECT count(*) FROM queue"));
    }

    [Fact]
    public async Task A_batch_in_flight_when_the_connection_is_cut_is_not_there_and_the_next_one_is()
    {
        var here = PostgreSqlServer.Shared.NewState("here");
        using var state = Open(here);
        using (var transaction = await state.BeginAsync(Stop))
        {
            await transaction.EnqueueAsync([Item("in flight")]);
            Cut(here);
            var broken = await Assert.ThrowsAsync<PhishMeException>(transaction.CommitAsync);
            Assert.Equal(Faults.StateServerUnreachable, broken.Fault.Kind);
        }

        await EnqueueAsync(state, "next");
        var item = Assert.Single(await state.ReadQueueAsync(_one, 10, long.MaxValue, DateTimeOffset.UnixEpoch.AddYears(50), Stop));
        Assert.Equal("next", System.Text.Encoding.UTF8.GetString(item.Payload.Span));
    }

    [Fact]
    public async Task A_server_that_is_killed_and_started_again_keeps_what_was_committed_and_the_run_goes_on()
    {
        using var server = PostgreSqlServer.Start();
        var here = server.NewState();
        using var state = Open(here);
        await EnqueueAsync(state, "a");
        server.Kill();
        var next = EnqueueAsync(state, "b");
        server.Run();
        await next;

        Assert.Equal(2, (await state.GetQueueDepthAsync(_one, Stop)).Items);
    }

    [Fact]
    public async Task A_standby_that_is_promoted_takes_over_in_the_middle_of_a_run()
    {
        using var server = PostgreSqlServer.Start();
        using var standby = server.StartStandby();
        var here = server.State("shared", standby: standby);
        server.Ask<string>(here, "SELECT set_config('x.y', 'z', false)");
        using var connection = new Npgsql.NpgsqlConnection($"Host={server.Folder};Username=postgres;Database=postgres;Pooling=False");
        connection.Open();
        using var setting = new Npgsql.NpgsqlCommand("ALTER SYSTEM SET synchronous_standby_names = '*'", connection);
        setting.ExecuteNonQuery();
        using var reload = new Npgsql.NpgsqlCommand("SELECT pg_reload_conf()", connection);
        reload.ExecuteNonQuery();
        connection.Close();

        using var state = Open(here);
        await EnqueueAsync(state, "a");
        server.Kill();
        standby.Promote();
        using (var own = new Npgsql.NpgsqlConnection($"Host={standby.Folder};Username=postgres;Database=postgres;Pooling=False"))
        {
            own.Open();
            using var alone = new Npgsql.NpgsqlCommand("ALTER SYSTEM SET synchronous_standby_names = ''", own);
            alone.ExecuteNonQuery();
            using var again = new Npgsql.NpgsqlCommand("SELECT pg_reload_conf()", own);
            again.ExecuteNonQuery();
        }

        await EnqueueAsync(state, "b");
        Assert.Equal(2, (await state.GetQueueDepthAsync(_one, Stop)).Items);
    }

    [Fact]
    public async Task Two_hosts_know_each_other_s_queue_and_not_each_other_s_files()
    {
        var here = PostgreSqlServer.Shared.NewState("here");
        var there = PostgreSqlServer.From(here, "there");
        using (var state = Open(here))
        {
            Assert.False(state.Host.IsKnown);
            await state.BeginRunAsync("1", DateTimeOffset.UnixEpoch, Stop);
            await state.Host.NoteLengthsAsync([new AppendLength("/data/out.jsonl", 7)], Stop);
            using var transaction = await state.BeginAsync(Stop);
            await transaction.EnqueueAsync([Item("shared")]);
            await transaction.SetCursorAsync(Cursor, "position-0", [_one]);
            await transaction.CommitAsync();
        }

        using (var state = Open(there))
        {
            Assert.Equal(Cursor, state.Cursor);
            Assert.Equal((false, string.Empty, (long?)null, (RunRecord?)null), (state.Host.IsKnown, state.Host.Mirrored, state.Host.CommittedLength("/data/out.jsonl"), state.Unfinished));
            Assert.Equal(1, (await state.GetQueueDepthAsync(_one, Stop)).Items);
            await state.BeginRunAsync("2", DateTimeOffset.UnixEpoch, Stop);
            await state.EndRunAsync(DateTimeOffset.UnixEpoch, repaired: true, ExitCode.Done, "{}", "position-1");
        }

        // The other host's run ended in order; ours died, and it is ours to repair.
        using var again = Open(here);
        Assert.Equal((true, "position-0", 7L, "1"), (again.Host.IsKnown, again.Host.Mirrored, again.Host.CommittedLength("/data/out.jsonl"), again.Unfinished?.RunId));
    }

    /// <summary>A run that dies behind its commit has its position in config.ini; when another host goes on meanwhile, that is still not a person's doing.</summary>
    [Fact]
    public async Task What_a_commit_had_config_ini_show_is_no_change_by_hand_when_other_hosts_went_on()
    {
        var here = PostgreSqlServer.Shared.NewState("here");
        using (var state = Open(here))
        {
            using var transaction = await state.BeginAsync(Stop);
            await transaction.SetCursorAsync(Cursor, "position-0", []);
            await transaction.CommitAsync();
        }

        using (var other = Open(PostgreSqlServer.From(here, "there")))
        {
            using var transaction = await other.BeginAsync(Stop);
            await transaction.SetCursorAsync(Cursor with { Position = "position-2" }, "position-1", []);
            await transaction.CommitAsync();
        }

        using var again = Open(here);
        Assert.Equal(
            [true, true, false, false], ((string[])["position-0", "position-1", "position-2", string.Empty]).Select(again.Host.MayShow));
        await again.Host.NoteShownAsync("position-1", "position-2", Stop);
        Assert.Equal([false, true, true], ((string[])["position-0", "position-1", "position-2"]).Select(again.Host.MayShow));
        await again.EndRunAsync(DateTimeOffset.UnixEpoch, repaired: true, ExitCode.Done, "{}", "position-2");
        Assert.Equal([false, false, true], ((string[])["position-0", "position-1", "position-2"]).Select(again.Host.MayShow));
    }

    [Fact]
    public async Task What_a_dry_run_changes_no_one_sees()
    {
        var here = PostgreSqlServer.Shared.NewState("here");
        using (var state = Open(here))
        {
            await EnqueueAsync(state, "a");
        }

        using (var copy = SharedStateStore.OpenCopy(here))
        {
            await EnqueueAsync(copy, "b");
            using (var transaction = await copy.BeginAsync(Stop))
            {
                await transaction.SetDestinationAsync(new DestinationState { Id = new DestinationId("two"), Commit = 1 });
                await transaction.CommitAsync();
            }

            Assert.Equal(2, (await copy.GetQueueDepthAsync(_one, Stop)).Items);
            Assert.Equal(2, (await copy.GetDestinationsAsync(Stop)).Count);
        }

        using var again = Open(here);
        Assert.Equal(1, (await again.GetQueueDepthAsync(_one, Stop)).Items);
        Assert.Single(await again.GetDestinationsAsync(Stop));
    }

    [Fact]
    public void A_state_of_a_newer_version_is_refused()
    {
        var here = PostgreSqlServer.Shared.NewState("here");
        Open(here).Dispose();
        PostgreSqlServer.Shared.Ask<int>(here, "UPDATE phishme_state SET version = 99 RETURNING version");

        Assert.Equal(Faults.StateTooNew, Assert.Throws<PhishMeException>(() => Open(here)).Fault.Kind);
    }

    [Fact]
    public void A_server_that_is_not_there_or_lets_no_one_in_has_a_fault_of_its_own()
    {
        Assert.Equal(Faults.StateServerUnreachable, FaultOf("Host=/nowhere;Username=postgres;Timeout=2"));
        Assert.Equal(Faults.StateServerRefused, FaultOf($"Host={PostgreSqlServer.Shared.Folder};Username=nobody;Timeout=5"));
        Assert.Equal(Faults.StateServerRefused, FaultOf("Host=/nowhere;Colour=blue"));
        Assert.Equal(Faults.StateServerRefused, FaultOf("Host=/nowhere;Username=postgres;Search Path=\"Public\""));
    }

    private static FaultKind FaultOf(string connection) => Assert.Throws<PhishMeException>(
        () => Open(new SharedStateAddress { Connection = connection, Name = "PostgreSQL", Host = "here" })).Fault.Kind;

    private static SyncCursor Cursor => new()
    {
        Phase = SyncPhase.Following,
        Generation = 1,
        Plan = "plan",
        WindowBegin = DateTimeOffset.UnixEpoch,
        WindowEnd = DateTimeOffset.UnixEpoch.AddDays(1),
        FollowFrom = DateTimeOffset.UnixEpoch,
        Position = "position-1",
    };

    private static QueueItem Item(string text) => new() { Destination = _one, Payload = System.Text.Encoding.UTF8.GetBytes(text) };

    private static SharedStateStore Open(SharedStateAddress address) => SharedStateStore.Open(address, TimeProvider.System, step: null);

    private static async Task EnqueueAsync(SharedStateStore state, string text)
    {
        using var transaction = await state.BeginAsync(Stop);
        await transaction.EnqueueAsync([Item(text)]);
        await transaction.CommitAsync();
    }

    /// <summary>Ends the sessions of runs on this state, as a router that forgets its connections does.</summary>
    private static void Cut(SharedStateAddress state) => PostgreSqlServer.Shared.Ask<long>(
        state,
        $"""
        SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_locks WHERE locktype = 'advisory' AND granted
            AND objid::bigint = hashtext('{new Npgsql.NpgsqlConnectionStringBuilder(state.Connection).SearchPath}')::bigint & 4294967295
        """);
}
