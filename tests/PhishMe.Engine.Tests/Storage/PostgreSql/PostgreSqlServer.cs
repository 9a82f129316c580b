using System.Diagnostics;
using System.Globalization;
using Npgsql;
using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Tests.Storage.PostgreSql;

/// <summary>A PostgreSQL server with a cluster of its own, which only a socket in its folder leads to. It ends with the process of the tests, however that ends.</summary>
internal sealed class PostgreSqlServer : IDisposable
{
    /// <summary>The server refuses root.</summary>
    private const string Account = "postgres";

    private static readonly Lazy<PostgreSqlServer> _ofAll = new(() => Start());
    private static int _schemas;

    private readonly string _programs;
    private Process? _process;

    private PostgreSqlServer(string programs)
    {
        _programs = programs;
        Folder = Directory.CreateTempSubdirectory("phishme-pg-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            Run("chown", Account, Folder);
        }
    }

    /// <summary>The one that tests share which do no harm to it. Skips the test where PostgreSQL is not installed.</summary>
    public static PostgreSqlServer Shared
    {
        get
        {
            _ = Programs();
            return _ofAll.Value;
        }
    }

    /// <summary>The folder of the socket.</summary>
    public string Folder { get; }

    private string Data => Path.Combine(Folder, "data");

    /// <summary>Starts one, or skips the test.</summary>
    public static PostgreSqlServer Start()
    {
        var server = new PostgreSqlServer(Programs());
        server.Run("initdb", "-D", server.Data, "-A", "trust", "-U", Account, "-E", "UTF8", "--locale=C", "--no-sync");
        server.Run();
        return server;
    }

    /// <summary>Makes a standby that follows this server.</summary>
    public PostgreSqlServer StartStandby()
    {
        var standby = new PostgreSqlServer(_programs);
        standby.Run("pg_basebackup", "-h", Folder, "-U", Account, "-D", standby.Data, "-R", "-X", "stream", "-c", "fast", "--no-sync");
        standby.Run();
        return standby;
    }

    /// <summary>The standby becomes the server that takes changes.</summary>
    public void Promote() => Run("pg_ctl", "promote", "-D", Data, "-w");

    /// <summary>Starts the server again, as after a crash when it was killed.</summary>
    public void Run()
    {
        // Its end comes with that of the standard input: whatever becomes of the tests, no server is left.
        const string Script = "\"$@\" & server=$!; cat > /dev/null; kill -QUIT $server; wait $server";
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", .. AsAccount(), Path.Combine(_programs, "postgres"), "-D", Data, "-k", Folder,
            "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200", "-c", "log_min_messages=warning", "-c", "max_wal_size=256MB", "-c", "min_wal_size=80MB"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new System.Collections.Concurrent.ConcurrentQueue<string>();
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.ErrorDataReceived += (_, line) =>
        {
            log.Enqueue(line.Data ?? string.Empty);
            if (line.Data?.Contains("ready to accept", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        };
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException(string.Join('\n', log)));
        _process.Start();
        _process.BeginErrorReadLine();
        ready.Task.Wait(TimeSpan.FromSeconds(60), CancellationToken.None);
        Assert.True(ready.Task.IsCompletedSuccessfully, string.Join('\n', log));
    }

    /// <summary>Ends the server at once, as a crash does: no session hears of it, and the log is replayed when it starts again.</summary>
    public void Kill()
    {
        _process!.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
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

    public void Dispose()
    {
        if (_process is not null)
        {
            Kill();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private static string Programs()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "skipped: needs the PostgreSQL of Debian");
        var programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
            : null;
        Assert.SkipWhen(programs is null, "skipped: PostgreSQL is not installed (Debian: postgresql)");
        return programs!;
    }

    private static string[] AsAccount() =>
        Environment.IsPrivilegedProcess ? ["/usr/bin/setpriv", $"--reuid={Account}", $"--regid={Account}", "--init-groups"] : [];

    private void Run(string program, params string[] arguments)
    {
        string[] command = program == "chown" ? ["/bin/chown", .. arguments] : [.. AsAccount(), Path.Combine(_programs, program), .. arguments];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {errors}{output.Result}");
    }
}
