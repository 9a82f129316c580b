using Npgsql;
using PhishMe.Engine.Lookup;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.PostgreSql;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Torture.Pushing;

namespace PhishMe.Torture.Hosts;

/// <summary>
/// Installations that share a state in a PostgreSQL database, each with a folder and a name of its own, and beside them the yardstick: one installation with a
/// state file that follows the same threats and is never disturbed.
/// </summary>
internal sealed class SharingHosts : IAsyncDisposable
{
    private readonly bool _ownsServer;

    private SharingHosts(PostgreSqlCluster server, bool ownsServer, string connection, string hostConnection, ThreatScript script, PushTargets targets, PushTargets yardstickTargets, string? product, IReadOnlyList<string> names)
    {
        Server = server;
        _ownsServer = ownsServer;
        Script = script;
        Targets = targets;
        YardstickTargets = yardstickTargets;
        Connection = connection;
        Yardstick = new TortureInstallation(script.Simulator, Options(script, yardstickTargets, product, string.Empty));
        All = [.. names.Select(name => new TortureInstallation(script.Simulator, Options(script, targets, product, $"[state]\nconnection = {hostConnection}\nhost_name = {name}\n")))];
    }

    public PostgreSqlCluster Server { get; }

    public ThreatScript Script { get; }

    /// <summary>What the hosts push to.</summary>
    public PushTargets Targets { get; }

    public PushTargets YardstickTargets { get; }

    public IReadOnlyList<TortureInstallation> All { get; }

    public TortureInstallation Yardstick { get; }

    /// <summary>A connection to the state of the hosts.</summary>
    public string Connection { get; }

    /// <summary>Starts everything.</summary>
    /// <param name="server">A server that is there; null for one of its own.</param>
    /// <param name="seed">Same seed and day, same threats.</param>
    /// <param name="threats">How many there are at first.</param>
    /// <param name="names">The names of the hosts.</param>
    public static Task<SharingHosts> StartAsync(PostgreSqlCluster? server, int seed, int threats, params string[] names) =>
        StartAsync(server, via: null, product: null, seed, threats, names);

    /// <summary>Starts everything; the hosts reach the server by another socket.</summary>
    /// <param name="server">A server that is there; null for one of its own.</param>
    /// <param name="via">The folder of the socket that the hosts use; null for that of the server.</param>
    /// <param name="product">The one product that they push to; null for all of them.</param>
    /// <param name="seed">Same seed and day, same threats.</param>
    /// <param name="threats">How many there are at first.</param>
    /// <param name="names">The names of the hosts.</param>
    public static async Task<SharingHosts> StartAsync(PostgreSqlCluster? server, string? via, string? product, int seed, int threats, params string[] names)
    {
        var own = server ?? PostgreSqlCluster.Start();
        var script = await ThreatScript.StartAsync(seed, threats, DateTimeOffset.UtcNow);
        var connection = $"{own.Connection};Search Path=hosts_{Guid.NewGuid():N}";
        return new SharingHosts(
            own, server is null, connection, via is null ? connection : connection.Replace(own.Folder, via, StringComparison.Ordinal), script, await PushTargets.StartAsync(), await PushTargets.StartAsync(), product, names);
    }

    /// <summary>What a query says.</summary>
    public async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(Connection);
        await connection.OpenAsync();
#pragma warning disable CA2100 // Constants of these campaigns.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Ends the session of the run that has the lease, as a server does that thinks its client is gone.</summary>
    public Task<long> EndSessionAsync() => AskAsync<long>(
        $"""
        SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_locks WHERE locktype = 'advisory' AND granted
            AND objid::bigint = hashtext('{new NpgsqlConnectionStringBuilder(Connection).SearchPath}')::bigint & 4294967295
        """);

    /// <summary>Whether the hosts have followed all changes and sent all that waited.</summary>
    public async Task<bool> IsCurrentAsync() =>
        await AskAsync<bool>("SELECT to_regclass('cursor') IS NOT NULL")
        && await AskAsync<bool>($"SELECT coalesce((SELECT position = '{Script.Simulator.CurrentPosition}' FROM cursor), false) AND NOT EXISTS (SELECT FROM queue)");

    /// <summary>The yardstick follows the changes.</summary>
    public Task FollowAsync(CancellationToken cancellationToken) => SettleAsync(Yardstick, cancellationToken);

    /// <summary>Every host runs until it has everything.</summary>
    /// <returns>What went wrong.</returns>
    public async Task<IReadOnlyList<string>> SettleAsync(CancellationToken cancellationToken)
    {
        var wrong = new List<string>();
        for (var round = 0; round < 2; round++)
        {
            foreach (var host in All)
            {
                var summary = await SettleAsync(host, cancellationToken);
                if (summary.ExitCode != ExitCode.Done)
                {
                    wrong.Add($"an undisturbed run ended with {summary.ExitCode}: {summary.Fault}");
                }
            }
        }

        return wrong;
    }

    /// <summary>Compares what the hosts have, and what products have of them, with the yardstick.</summary>
    /// <param name="disturbances">How often a batch in flight may have been sent again.</param>
    public async Task<IReadOnlyList<string>> CompareAsync(int disturbances)
    {
        var wrong = new List<string>();
        foreach (var host in All)
        {
            wrong.AddRange(HostFiles.Compare(host, Yardstick));
            wrong.AddRange(SecretHunt.In(host, [.. PushTargets.Secrets, Connection]));
        }

        for (var i = 0; i < Targets.All.Count; i++)
        {
            wrong.AddRange(PushCount.Compare(Targets.All[i], [.. YardstickTargets.All[i].Held().Order(StringComparer.Ordinal)], disturbances));
        }

        var stored = StoreContent();
        wrong.AddRange(Yardstick.StoreContent().Except(stored).Select(row => $"the shared store lacks: {row}"));
        wrong.AddRange(stored.Except(Yardstick.StoreContent()).Select(row => $"the shared store has: {row}"));
        foreach (var (what, sql) in new[]
        {
            ("items wait", "SELECT count(*) FROM queue"),
            ("dead letters are there", "SELECT count(*) FROM dead_letter"),
            ("runs did not end", "SELECT count(*) FROM run WHERE ended_at IS NULL"),
            ("destinations catch up", "SELECT count(*) FROM destination WHERE catch_up IS NOT NULL"),
        })
        {
            if (await AskAsync<long>(sql) is > 0 and var count)
            {
                wrong.Add(FormattableString.Invariant($"{count} {what}"));
            }
        }

        return wrong;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var installation in All.Append(Yardstick))
        {
            installation.Dispose();
        }

        await Script.DisposeAsync();
        await Targets.DisposeAsync();
        await YardstickTargets.DisposeAsync();
        if (_ownsServer)
        {
            Server.Dispose();
        }
    }

    private static async Task<RunSummary> SettleAsync(TortureInstallation installation, CancellationToken cancellationToken)
    {
        var summary = await installation.RunUntilCurrentAsync(cancellationToken);
        // What was published and withdrawn within a day is set aside by the answer that announces it, and healed by the next.
        return summary.ExitCode == ExitCode.DoneWithDeadLetters ? await installation.RunUntilCurrentAsync(cancellationToken) : summary;
    }

    private static InstallationOptions Options(ThreatScript script, PushTargets targets, string? product, string state) => new()
    {
        InitialDate = script.InitialDate,
        Formats = ["json"],
        Store = true,
        Extra = $"{targets.SectionsOf(product)}\n{state}",
    };

    private List<string> StoreContent()
    {
        var address = new SharedStateAddress { Connection = Connection, Name = "the shared state", Host = "audit" };
        using var store = IntelligenceStore.Open(new SharedStoreLocation(address, TimeProvider.System), TimeProvider.System);
        return TortureInstallation.ContentOf(store);
    }
}
