using System.Collections.Concurrent;
using System.Diagnostics;

namespace PhishMe.Simulator;

/// <summary>
/// A PostgreSQL server with a cluster of its own, which only a socket in its folder leads to. It ends with the process that started it, however that ends.
/// </summary>
public class PostgreSqlCluster : IDisposable
{
    /// <summary>The server refuses root.</summary>
    public const string Account = "postgres";

    private readonly string _programs;
    private Process? _process;

    /// <summary>Makes the folder; <see cref="Initialize"/> and <see cref="Run()"/> do the rest.</summary>
    protected PostgreSqlCluster(string programs)
    {
        _programs = programs;
        Folder = Directory.CreateTempSubdirectory("phishme-pg-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            Run("chown", Account, Folder);
        }
    }

    /// <summary>The folder with the programs of the server; null where PostgreSQL is not installed.</summary>
    public static string? Programs => !OperatingSystem.IsWindows() && Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;

    /// <summary>The folder of the socket.</summary>
    public string Folder { get; }

    /// <summary>A connection for a person at the console.</summary>
    public string Connection => $"Host={Folder};Username={Account};Database=postgres;Timeout=5;Pooling=False";

    private string Data => Path.Combine(Folder, "data");

    /// <summary>Starts one.</summary>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed, or does not start.</exception>
    public static PostgreSqlCluster Start()
    {
        var cluster = new PostgreSqlCluster(Programs ?? throw new InvalidOperationException("PostgreSQL is not installed (Debian: postgresql)."));
        cluster.Initialize();
        cluster.Run();
        return cluster;
    }

    /// <summary>The standby becomes the server that takes changes.</summary>
    public void Promote() => Run("pg_ctl", "promote", "-D", Data, "-w");

    /// <summary>Starts the server again, as after a crash when it was killed.</summary>
    public void Run()
    {
        // Its end comes with that of the standard input: whatever becomes of us, no server is left.
        const string Script = "\"$@\" & server=$!; cat > /dev/null; kill -QUIT $server; wait $server";
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", .. AsAccount(), Path.Combine(_programs, "postgres"), "-D", Data, "-k", Folder,
            "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200", "-c", "log_min_messages=warning", "-c", "max_wal_size=256MB", "-c", "min_wal_size=80MB"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new ConcurrentQueue<string>();
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
        if (!ready.Task.Wait(TimeSpan.FromSeconds(60), CancellationToken.None))
        {
            throw new InvalidOperationException($"The server does not start: {string.Join('\n', log)}");
        }
    }

    /// <summary>Ends the server at once, as a crash does: no session hears of it, and the log is replayed when it starts again.</summary>
    public void Kill()
    {
        _process!.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (_process is not null)
        {
            Kill();
        }

        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Makes an empty cluster.</summary>
    protected void Initialize() => Run("initdb", "-D", Data, "-A", "trust", "-U", Account, "-E", "UTF8", "--locale=C", "--no-sync");

    /// <summary>Makes a cluster that follows a server.</summary>
    /// <param name="primary">The server.</param>
    protected void Follow(PostgreSqlCluster primary)
    {
        ArgumentNullException.ThrowIfNull(primary);
        Run("pg_basebackup", "-h", primary.Folder, "-U", Account, "-D", Data, "-R", "-X", "stream", "-c", "fast", "--no-sync");
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
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program}: {errors}{output.Result}");
        }
    }
}
