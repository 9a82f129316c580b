using Npgsql;
using PhishMe.Engine.Running.Checking;
using PhishMe.Engine.Running.Logging;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.PostgreSql;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Storage.PostgreSql;

/// <summary><c>phishme check</c> and the database of [state]: connection, version, rights, clock.</summary>
public sealed class StateServerCheckTests
{
    [Fact]
    public void Before_the_first_run_everything_is_in_order()
    {
        var results = Check(PostgreSqlServer.Shared.NewState());

        Assert.All(results, result => Assert.Equal(CheckOutcome.Pass, result.Outcome));
        Assert.Equal(["Shared state", "PostgreSQL", "Rights", "Tables", "Clock of the shared state"], results.Select(result => result.Subject));
        Assert.Contains("first run", results[3].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_under_way_is_named()
    {
        var state = PostgreSqlServer.Shared.NewState("there");
        using var running = SharedStateStore.Open(state, TimeProvider.System, step: null);

        var lease = Check(PostgreSqlServer.From(state, "here")).Single(result => result.Subject == "Lease");

        Assert.Equal(CheckOutcome.Warn, lease.Outcome);
        Assert.Contains("phishme there ", lease.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_rights_are_named_one_by_one()
    {
        var server = PostgreSqlServer.Shared;
        var state = server.NewState();
        SharedStateStore.Open(state, TimeProvider.System, step: null).Dispose();
        var schema = new NpgsqlConnectionStringBuilder(state.Connection).SearchPath;
        Do(server, $"CREATE ROLE looks_{schema} LOGIN; GRANT USAGE ON SCHEMA {schema} TO looks_{schema}; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO looks_{schema}");

        var results = Check(state with { Connection = state.Connection.Replace("Username=postgres", $"Username=looks_{schema}", StringComparison.Ordinal) });

        var rights = results.Single(result => result.Subject == "Rights");
        Assert.Equal(CheckOutcome.Fail, rights.Outcome);
        Assert.Contains($"INSERT on {schema}.queue", rights.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SELECT on", rights.Message, StringComparison.Ordinal);
        Assert.Equal(CheckOutcome.Pass, results.Single(result => result.Subject == "Tables").Outcome);
    }

    [Fact]
    public void An_account_that_may_make_no_schema_is_told_so_before_the_first_run()
    {
        var server = PostgreSqlServer.Shared;
        var state = server.NewState();
        var schema = new NpgsqlConnectionStringBuilder(state.Connection).SearchPath;
        Do(server, $"CREATE ROLE guest_{schema} LOGIN");

        var rights = Check(state with { Connection = state.Connection.Replace("Username=postgres", $"Username=guest_{schema}", StringComparison.Ordinal) }).Single(result => result.Subject == "Rights");

        Assert.Equal(CheckOutcome.Fail, rights.Outcome);
        Assert.Contains("CREATE in database postgres", rights.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_version_of_the_tables_and_a_server_that_takes_no_changes_are_failures()
    {
        var server = PostgreSqlServer.Shared;
        var state = server.NewState();
        SharedStateStore.Open(state, TimeProvider.System, step: null).Dispose();
        server.Ask<int>(state, "UPDATE phishme_state SET version = 99 RETURNING version");

        Assert.Equal(CheckOutcome.Fail, Check(state).Single(result => result.Subject == "Tables").Outcome);
        Assert.Equal(
            CheckOutcome.Fail,
            Check(state with { Connection = state.Connection + ";Options=-c default_transaction_read_only=on" }).Single(result => result.Subject == "Shared state").Outcome);
    }

    [Fact]
    public void A_clock_that_is_wrong_is_a_warning_that_says_by_how_much()
    {
        var state = PostgreSqlServer.Shared.NewState();
        var wrong = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(-7));

        var clock = StateServerCheck.Run(new PostgreSqlStateBackend(wrong), new StateLocation { File = "-", Shared = state }, SecretMask.None)
            .Single(result => result.Subject == "Clock of the shared state");

        Assert.Equal(CheckOutcome.Warn, clock.Outcome);
        Assert.Contains("behind", clock.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_is_not_there_is_one_failure_with_what_to_do()
    {
        var failed = Assert.Single(Check(new SharedStateAddress { Connection = "Host=/no/such/folder;Username=me;Timeout=2", Name = "PostgreSQL x", Host = "here" }));

        Assert.Equal((CheckOutcome.Fail, "Shared state"), (failed.Outcome, failed.Subject));
        Assert.NotEmpty(failed.NextStep!);
    }

    private static List<CheckResult> Check(SharedStateAddress state) =>
        [.. StateServerCheck.Run(new PostgreSqlStateBackend(TimeProvider.System), new StateLocation { File = "-", Shared = state }, SecretMask.None)];

    private static void Do(PostgreSqlServer server, string sql)
    {
        using var connection = new NpgsqlConnection(server.Connection);
        connection.Open();
#pragma warning disable CA2100 // Constants of the tests.
        using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
