using System.Globalization;
using Npgsql;
using PhishMe.Engine.Storage;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Storage.PostgreSql;

/// <summary>A PostgreSQL server of the tests. Where PostgreSQL is not installed, what needs one is skipped.</summary>
internal sealed class PostgreSqlServer(string programs) : PostgreSqlCluster(programs)
{
    private static readonly Lazy<PostgreSqlServer> _ofAll = new(Start);
    private static int _schemas;

    /// <summary>The one that tests share which do no harm to it. Skips the test where PostgreSQL is not installed.</summary>
    public static PostgreSqlServer Shared
    {
        get
        {
            _ = ProgramsOrSkip();
            return _ofAll.Value;
        }
    }

    /// <summary>Starts one, or skips the test.</summary>
    public static new PostgreSqlServer Start()
    {
        var server = new PostgreSqlServer(ProgramsOrSkip());
        server.Initialize();
        server.Run();
        return server;
    }

    /// <summary>Makes a standby that follows this server.</summary>
    public PostgreSqlServer StartStandby()
    {
        var standby = new PostgreSqlServer(ProgramsOrSkip());
        standby.Follow(this);
        standby.Run();
        return standby;
    }

    /// <summary>A state in a schema of its own.</summary>
    /// <param name="host">The name of the host.</param>
    public SharedStateAddress NewState(string host = "here")
    {
        var schema = string.Create(CultureInfo.InvariantCulture, $"s{Interlocked.Increment(ref _schemas)}");
        return State(schema, host);
    }

    /// <summary>A state in a schema.</summary>
    public SharedStateAddress State(string schema, string host = "here", PostgreSqlServer? standby = null) => new()
    {
        Connection = $"Host={Folder}{(standby is null ? string.Empty : "," + standby.Folder)};Username={Account};Database=postgres;Search Path={schema};Timeout=5",
        Name = $"PostgreSQL {schema}",
        Host = host,
    };

    /// <summary>The same state as another host sees it.</summary>
    public static SharedStateAddress From(SharedStateAddress state, string host) => state with { Host = host };

    /// <summary>What a query says, run as a person at the console would.</summary>
    public T Ask<T>(SharedStateAddress state, string sql)
    {
        using var connection = new NpgsqlConnection(state.Connection + ";Pooling=False");
        connection.Open();
#pragma warning disable CA2100 // Constants of the tests.
        using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return (T)command.ExecuteScalar()!;
    }

    private static string ProgramsOrSkip()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "skipped: needs the PostgreSQL of Debian");
        Assert.SkipWhen(Programs is null, "skipped: PostgreSQL is not installed (Debian: postgresql)");
        return Programs!;
    }
}
