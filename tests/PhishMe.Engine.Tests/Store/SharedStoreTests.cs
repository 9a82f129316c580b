using PhishMe.Engine.Running;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Storage;
using PhishMe.Engine.Tests.Storage.PostgreSql;
using PhishMe.Intelligence;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Store;

/// <summary>A store that is named by a connection: who may read it, from which server, and what errors say.</summary>
public sealed class SharedStoreTests
{
    private static readonly IntelligenceEngine _engine = new(new EngineSettings());

    [Fact]
    public void An_account_that_may_only_read_looks_up_exports_and_counts()
    {
        using var folder = Filled();
        var state = folder.Location.Shared!;
        var schema = PostgreSqlServer.Shared.Ask<string>(state, "SELECT current_schema()::text");
        PostgreSqlServer.Shared.Ask<int>(
            state, $"CREATE ROLE reader_{schema} LOGIN; GRANT USAGE ON SCHEMA {schema} TO reader_{schema}; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO reader_{schema}; SELECT 1");

        using var store = _engine.OpenSharedStore(state.Connection.Replace("Username=postgres", $"Username=reader_{schema}", StringComparison.Ordinal));

        Assert.True(store.IsShared);
        Assert.Equal("evil.example", Assert.Single(store.Find("www.evil.example")).MatchedValue);
        Assert.Equal(2, store.ReadThreats(new StoreQuery(), TestContext.Current.CancellationToken).Count());
        Assert.Equal(2, store.GetStatistics().Threats);
        Assert.All(store.Check(TestContext.Current.CancellationToken), result => Assert.Equal(CheckOutcome.Pass, result.Outcome));
        Assert.Throws<PhishMeException>(() => store.Rebuild(null, progress: null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_standby_answers_look_ups_and_goes_on_when_the_primary_is_gone()
    {
        using var primary = PostgreSqlServer.Start();
        var state = primary.NewState();
        using var folder = new StoreFolder(state);
        folder.Put(Malware(1).Domain("evil.example"));
        using var standby = primary.StartStandby();
        var connection = state.Connection.Replace($"Host={primary.Folder}", $"Host={primary.Folder},{standby.Folder}", StringComparison.Ordinal) + ";Target Session Attributes=prefer-standby";

        using (var store = _engine.OpenSharedStore(connection))
        {
            Assert.Single(store.Find("evil.example"));
            Assert.Contains(standby.Folder, store.Path, StringComparison.Ordinal);
        }

        Assert.Equal(1L, standby.Ask<long>(
            state with { Connection = state.Connection.Replace(primary.Folder, standby.Folder, StringComparison.Ordinal) }, "SELECT count(*) FROM stored_threat WHERE pg_is_in_recovery()"));
        primary.Kill();
        using var alone = _engine.OpenSharedStore(connection);
        Assert.Single(alone.Find("evil.example"));
    }

    [Fact]
    public async Task The_command_line_takes_a_connection_from_a_file_and_looks_up_a_pipe_and_a_log()
    {
        using var folder = Filled();
        var secret = folder.InFolder("connection");
        await File.WriteAllTextAsync(secret, folder.Location.Shared!.Connection + "\n", TestContext.Current.CancellationToken);
        var log = folder.InFolder("proxy.log");
        await File.WriteAllTextAsync(log, "GET http://evil.example/a 200\nGET http://good.example.net/ 200\n", TestContext.Current.CancellationToken);

        var piped = await PhishMeProcess.Managed.RunAsync("good.example.net\nwww.evil.example\n\n203.0.113.7\n", "find", "--connection", $"file:{secret}");
        var searched = await PhishMeProcess.Managed.RunAsync(string.Empty, "find", "--connection", $"file:{secret}", "--path", log);
        var counted = await PhishMeProcess.Managed.RunAsync(string.Empty, "store", "statistics", "--connection", $"file:{secret}");

        Assert.Equal((0, 2), (piped.ExitCode, piped.Output.AsSpan().Count('\n')));
        Assert.Contains("evil.example", piped.Output, StringComparison.Ordinal);
        Assert.Equal((0, 1), (searched.ExitCode, searched.Output.AsSpan().Count('\n')));
        Assert.Contains("2 threats", counted.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=/no/such/folder;Username=reader;Password=sesame;Database=intel", "StateServerUnreachable", "PostgreSQL intel on /no/such/folder")]
    [InlineData("Host={socket};Username=no_such_role;Password=sesame;Database=postgres", "StateServerRefused", "PostgreSQL postgres on {socket}")]
    [InlineData("Host={socket};Username=postgres;Password=sesame;Database=no_such_database", "StateServerRefused", "PostgreSQL no_such_database on {socket}")]
    [InlineData("Host={socket};Username=postgres;Password=sesame;Database=postgres;Search Path=no_such_schema", "StoreNotFound", "PostgreSQL postgres on {socket}")]
    [InlineData("Host={socket};Username=postgres;Password=open;sesame", "StateServerRefused", "PostgreSQL")]
    [InlineData("env:PHISHME_NO_SUCH_VARIABLE_sesame", "SecretUnavailable", null)]
    public void What_is_wrong_names_server_and_database_and_never_the_password(string connection, string fault, string? where)
    {
        var server = PostgreSqlServer.Shared.Folder;

        var refused = Assert.Throws<PhishMeException>(() => _engine.OpenSharedStore(connection.Replace("{socket}", server, StringComparison.Ordinal)));

        Assert.Equal(fault, refused.Fault.Kind.Id);
        Assert.Equal(where?.Replace("{socket}", server, StringComparison.Ordinal), refused.Fault.Where);
        Assert.DoesNotContain("sesame", refused.Fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_and_a_connection_together_are_a_mistake()
    {
        var both = await PhishMeProcess.Managed.RunAsync(string.Empty, "find", "evil.example", "--store", "a.db", "--connection", "Host=a");

        Assert.Equal((int)Faults.ParameterConflict.ExitCode, both.ExitCode);
        Assert.StartsWith("ParameterConflict", both.Error, StringComparison.Ordinal);
    }

    private static StoreFolder Filled() => new StoreFolder(StateBackendKind.PostgreSql).Put(
        Malware(1).Domain("evil.example"), Malware(2).IPv4("203.0.113.7"));
}
