using System.Diagnostics;
using Npgsql;

namespace PhishMe.Benchmarks;

/// <summary>A PostgreSQL server with a cluster in a folder of its own, set up as docs/scale.md recommends, which only a socket in that folder leads to.</summary>
internal sealed class ScaleServer : IAsyncDisposable
{
    /// <summary>The server refuses root.</summary>
    private const string Account = "postgres";

    /// <summary>What differs from the defaults of the server: a quarter of a machine with 16 GiB, and room between two checkpoints for a build.</summary>
    private static readonly string[] _settings =
    [
        "listen_addresses=", "shared_buffers=4GB", "effective_cache_size=12GB", "maintenance_work_mem=1GB", "max_wal_size=16GB", "min_wal_size=1GB",
        "checkpoint_timeout=15min", "wal_compression=lz4", "random_page_cost=1.1",
    ];

    private readonly string _folder;
    private readonly Process _process;

    private ScaleServer(string folder, Process process)
    {
        _folder = folder;
        _process = process;
    }

    /// <summary>The settings in words.</summary>
    public static string Settings => string.Join(", ", _settings.Skip(1));

    /// <summary>How a program reaches it.</summary>
    public string Connection => $"Host={_folder};Username={Account};Database=postgres";

    /// <summary>Starts it; makes the cluster when the folder has none.</summary>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed, or does not start.</exception>
    public static async Task<ScaleServer> StartAsync(string folder)
    {
        var programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")).LastOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
            : null;
        if (programs is null)
        {
            throw new InvalidOperationException("PostgreSQL is not installed (Debian: postgresql).");
        }

        var data = Path.Combine(folder, "data");
        if (!Directory.Exists(data))
        {
            Directory.CreateDirectory(folder);
            if (Environment.IsPrivilegedProcess)
            {
                await RunAsync(["/bin/chown", Account, folder]);
            }

            await RunAsync([.. AsAccount(), Path.Combine(programs, "initdb"), "-D", data, "-A", "trust", "-U", Account, "-E", "UTF8", "--locale=C"]);
        }

        // Its end comes with that of the standard input: whatever becomes of the benchmark, no server is left.
        const string Script = "\"$@\" & server=$!; cat > /dev/null; kill -INT $server; wait $server";
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", Script, "sh", .. AsAccount(), Path.Combine(programs, "postgres"), "-D", data, "-k", folder, .. _settings.SelectMany(setting => new[] { "-c", setting })])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        var process = new Process { StartInfo = start };
        process.Start();
        for (var line = string.Empty; !line.Contains("ready to accept connections", StringComparison.Ordinal);)
        {
            line = await process.StandardError.ReadLineAsync() ?? throw new InvalidOperationException("PostgreSQL does not start.");
        }

        // What it says later is of no interest, and must not fill the pipe.
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        return new ScaleServer(folder, process);
    }

    /// <summary>The rows of a query.</summary>
    public async Task<IReadOnlyList<(string Name, long Value)>> AskAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Connection + ";Search Path=phishme;Pooling=False;Command Timeout=0");
        await connection.OpenAsync();
#pragma warning disable CA2100 // Constants of the benchmark.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using var row = await command.ExecuteReaderAsync();
        var rows = new List<(string, long)>();
        while (await row.ReadAsync())
        {
            rows.Add((row.GetString(0), row.GetInt64(1)));
        }

        return rows;
    }

    /// <summary>The first line of what the server says of itself.</summary>
    public async Task<string> VersionAsync() => (await AskAsync("SELECT current_setting('server_version'), 0::bigint"))[0].Name;

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string[] AsAccount() =>
        Environment.IsPrivilegedProcess ? ["/usr/bin/setpriv", $"--reuid={Account}", $"--regid={Account}", "--init-groups"] : [];

    private static async Task RunAsync(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, WorkingDirectory = "/" })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command[0]} ended with {process.ExitCode}.");
        }
    }
}
