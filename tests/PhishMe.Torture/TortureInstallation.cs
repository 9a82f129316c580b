using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Api;
using PhishMe.Engine.Lookup;
using PhishMe.Engine.Running;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Torture;

/// <summary>
/// An installation whose config.ini a person wrote (comments, blanks, Windows line ends). It can be set back to a snapshot, in the same folder because the
/// state file knows absolute paths, and shows what it holds in a form that two installations can be compared in.
/// </summary>
internal sealed class TortureInstallation : Installation
{
    private const UnixFileMode ConfigurationMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private readonly List<string> _snapshots = [];
    private string _written = string.Empty;

    public TortureInstallation(ThreatHqSimulator simulator, InstallationOptions options)
        : this(Directory.CreateTempSubdirectory("phishme-torture-").FullName, simulator, options)
    {
    }

    public TortureInstallation(string folder, ThreatHqSimulator simulator, InstallationOptions options)
        : base(folder)
    {
        Simulator = simulator;
        Options = options;
        Write(Configuration(simulator, options));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(ConfigurationPath, ConfigurationMode);
        }
    }

    public ThreatHqSimulator Simulator { get; }

    public InstallationOptions Options { get; }

    /// <summary>What the runs wrote on both streams.</summary>
    public StringBuilder Output { get; } = new();

    /// <summary>One run in this process.</summary>
    public async Task<RunSummary> RunAsync(Action<string>? step = null, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        var settings = new EngineSettings { Clock = clock ?? TimeProvider.System, Step = step, Version = "1.0.0", Timings = ImpatientTimings };
        var summary = await new IntegrationRun(settings, new RunRequest { ConfigurationPath = ConfigurationPath }, progress: null).RunAsync(cancellationToken);
        lock (Output)
        {
            Output.AppendLine(RunSummaryJson.Write(summary));
        }

        return summary;
    }

    /// <summary>Waiting is not what these trials are about.</summary>
    public static ApiTimings ImpatientTimings { get; } = new()
    {
        FirstDelay = TimeSpan.FromMilliseconds(1),
        LongestDelay = TimeSpan.FromMilliseconds(5),
    };

    /// <summary>Threats that have no place in the order of TAXII yet.</summary>
    public int WaitingForTaxii => Options.Taxii ? int.Parse(Rows("SELECT count(*) FROM served_pending").Single(), CultureInfo.InvariantCulture) : 0;

    /// <summary>Runs until the position stands still and all has its place in the order of TAXII: what a schedule does in an hour.</summary>
    public async Task<RunSummary> RunUntilCurrentAsync(CancellationToken cancellationToken = default)
    {
        const int Most = 20;
        for (var run = 1; ; run++)
        {
            var before = Position;
            var summary = await RunAsync(cancellationToken: cancellationToken);
            if (summary.ExitCode is not (ExitCode.Done or ExitCode.DoneWithDeadLetters) || (Position == before && before.Length > 0 && WaitingForTaxii == 0))
            {
                return summary;
            }

            if (run == Most)
            {
                throw new InvalidOperationException("The position never stands still.");
            }
        }
    }

    /// <summary>Switches an output on or off, as a person would with an editor.</summary>
    public void Switch(string format, bool on)
    {
        var section = $"[integration_raw_{format}]\r\nuse = ";
        Write(File.ReadAllText(ConfigurationPath).Replace($"{section}{!on}", $"{section}{on}", StringComparison.Ordinal));
    }

    /// <summary>
    /// Makes it the installation of a program whose state file had version 3: a backfill and a run of changes were delivered, 192 events wait for the
    /// collector, and five dead letters are due.
    /// </summary>
    public void PutVersion3()
    {
        Edit("position", "ed456c99-00ae-28f5-2493-9bb42555f9e9");
        using var packed = typeof(TortureInstallation).Assembly.GetManifestResourceStream("state-3.db.gz")!;
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        using var file = File.Create(StatePath);
        unpacked.CopyTo(file);
    }

    /// <summary>Keeps everything as it is now.</summary>
    public string TakeSnapshot()
    {
        var snapshot = Directory.CreateTempSubdirectory("phishme-snapshot-").FullName;
        _snapshots.Add(snapshot);
        CopyFolder(Folder, snapshot);
        return snapshot;
    }

    /// <summary>Sets everything back to a snapshot.</summary>
    public void RestoreSnapshot(string snapshot)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(Folder))
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }

        CopyFolder(snapshot, Folder);
    }

    /// <summary>Everything a user or a consumer sees: outputs byte for byte, and config.ini with its mode.</summary>
    public SortedDictionary<string, string> VisibleFiles()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(Folder, path).Replace('\\', '/');
            if (name == "config.ini" || !name.StartsWith("config.", StringComparison.Ordinal))
            {
                files.Add(name, Hash(WithoutTimesOfRevocation(path)));
            }
        }

        files.Add("mode of config.ini", OperatingSystem.IsWindows() ? string.Empty : File.GetUnixFileMode(ConfigurationPath).ToString());
        return files;
    }

    /// <summary>What the state file records of deliveries, positions, dead letters and waiting events, without times.</summary>
    public IReadOnlyList<string> Recorded() =>
    [
        .. RecordedDeliveries(),
        .. Rows(
            "SELECT 'waiting event', sequence FROM queue ORDER BY 2",
            "SELECT 'ledger', id, key, ledger.fingerprint FROM ledger JOIN destination USING (destination) ORDER BY 2, 3"),
    ];

    /// <summary>The same without waiting events and ledgers: without a queued destination no run reads those tables, and damage to them stays unseen.</summary>
    public IReadOnlyList<string> RecordedDeliveries() => Rows(
        "SELECT 'delivery', id, type, number, hex(content), delivery.first_published, delivery.last_published, delivery.generation, withdrawn FROM delivery JOIN destination USING (destination) ORDER BY 2, 3, 4",
        "SELECT 'catching up', id, catch_up FROM destination WHERE catch_up IS NOT NULL ORDER BY 2",
        "SELECT 'threat', type, number, first_published, last_published, withdrawn_at IS NULL FROM threat ORDER BY 2, 3",
        "SELECT 'cursor', phase, generation, plan, next_step, cursor.position, mirror.position FROM cursor, mirror",
        "SELECT 'append', path, length FROM append_file ORDER BY 2",
        "SELECT 'dead letter', kind, destination, format, type, number, position, text, reason, attempts FROM dead_letter ORDER BY 2, 3, 4, 5, 6, 7, 8",
        "SELECT 'unfinished run', run_id FROM run WHERE ended_at IS NULL");

    private List<string> Rows(params IEnumerable<string> queries)
    {
        var rows = new List<string>();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = StatePath, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        foreach (var sql in queries)
        {
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this method.
            command.CommandText = sql;
#pragma warning restore CA2100
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                rows.Add(string.Join(' ', Enumerable.Range(0, row.FieldCount).Select(column => Convert.ToString(row[column], CultureInfo.InvariantCulture))));
            }
        }

        return rows;
    }

    /// <summary>What the store holds: every threat with its JSON, the number of indicators of each kind, and the findings of its own check.</summary>
    public IReadOnlyList<string> StoreContent()
    {
        using var store = IntelligenceStore.Open(new SqliteStoreFile(StatePath), TimeProvider.System);
        return ContentOf(store);
    }

    /// <summary>The same of a store that lies elsewhere.</summary>
    public static List<string> ContentOf(IntelligenceStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var rows = new List<string>();
        rows.AddRange(store.ReadThreats(new StoreQuery { IncludeWithdrawn = true })
            .Select(threat => $"stored {threat.Id} {(threat.Withdrawn ? "withdrawn" : "current")} {Hash(threat.Json.Span)}")
            .Order(StringComparer.Ordinal));
        var statistics = store.GetStatistics();
        rows.AddRange(statistics.ByKind.Append(new NamedCount("all", statistics.Indicators)).Select(kind => $"indicators: {kind}"));
        rows.AddRange(store.Check().Where(result => result.Outcome != CheckOutcome.Pass).Select(result => $"store, {result.Subject}: {result.Message}"));
        return rows;
    }

    /// <summary>Rebuilds the index from the stored threats.</summary>
    public void RebuildStore()
    {
        using var store = IntelligenceStore.Open(new SqliteStoreFile(StatePath), TimeProvider.System);
        store.Rebuild(from: null);
    }

    /// <summary>The rows of <see cref="StoreContent"/> for what the simulator serves.</summary>
    public IEnumerable<string> ServedToStore() => Simulator.Threats.Select(threat =>
        FormattableString.Invariant($"stored {threat.Type[0]}_{threat.Id} current {Hash(Simulator.Json(threat.Type, threat.Id).Span)}"));

    /// <summary>What a dead run may leave behind and the next one must clear away; empty when all is in order.</summary>
    public IReadOnlyList<string> Leftovers()
    {
        var found = new List<string>();
        found.AddRange(Directory.EnumerateFileSystemEntries(Folder, "*", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(path).Contains("phishme-partial", StringComparison.Ordinal))
            .Select(path => "temporary: " + Path.GetRelativePath(Folder, path)));
        if (WithLine(File.ReadAllText(ConfigurationPath), "position", string.Empty) != WithLine(_written, "position", string.Empty))
        {
            found.Add("config.ini has changed elsewhere than in its position");
        }

        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(ConfigurationPath) != ConfigurationMode)
        {
            found.Add($"config.ini has the mode {File.GetUnixFileMode(ConfigurationPath)}");
        }

        if (File.Exists(LockPath))
        {
            found.Add("the lock file is still there");
        }

        return found;
    }

    protected override void Write(string text)
    {
        _written = text;
        base.Write(text);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        foreach (var folder in _snapshots)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A revocation in STIX 2.1 of a threat that was never delivered has the time of its delivery, from which the id of its bundle follows.</summary>
    private static byte[] WithoutTimesOfRevocation(string path)
    {
        var content = File.ReadAllBytes(path);
        return content.AsSpan().IndexOf("\"revoked\""u8) < 0
            ? content
            : Encoding.UTF8.GetBytes(Regex.Replace(Encoding.UTF8.GetString(content), "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|bundle--[0-9a-f-]{36}", string.Empty));
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexString(SHA256.HashData(bytes));

    private static void CopyFolder(string from, string to)
    {
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }

    private static string Configuration(ThreatHqSimulator simulator, InstallationOptions options)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            ; Threat intelligence of the SOC - ask the team on duty before you change this.

            [pm_api]
            base_url={simulator.BaseUri}
            user   =  {simulator.User}
            pass   =  {simulator.Password}
            # empty it to start over
            position         =
            init_date = {options.InitialDate:yyyy-MM-dd}
            expired_threat_days = 3650
            results_per_page = {options.ResultsPerPage}
            requests_per_second = 1000
            max_retries = 2

            [pm_product]
            intelligence = {options.Malware}
            brand_intelligence = {options.Phish}

            [pm_jitter]
            use = {options.Jitter}
            execution_frequency = 15
            {(options.Jitter ? "scheduler_offset = 0" : "; no offset")}

            """);
        foreach (var format in options.Formats)
        {
            text.Append(CultureInfo.InvariantCulture, $"""

                [integration_raw_{format}]
                use = {!options.Off.Contains(format)}
                append_file_use = {options.Append}
                append_file_location = all.{format}
                multiple_file_use = {options.Files}
                multiple_file_location = {(options.OneFolder ? "threats" : format)}
                multiple_file_split_by_date = {options.SplitByDate}
                layout = {options.Layout}
                {options.Keys(format)}

                """);
        }

        if (options.Store)
        {
            text.Append("\n[local_sqlite]\nuse = True\n");
        }

        if (options.Taxii)
        {
            text.Append("\n[taxii_server]\nuse = True\nlisten = http://127.0.0.1:0/\nretention_days = 0\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\n{options.Extra}\n; the end, without a line break behind it");
        return options.Edit(text.ToString()).ReplaceLineEndings("\r\n");
    }
}
