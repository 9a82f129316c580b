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
/// One installation: a folder with a config.ini that a person wrote (comments, blanks, Windows line ends), its outputs, its state. It can be
/// photographed and put back, because the state file knows absolute paths.
/// </summary>
internal sealed class Site : IDisposable
{
    private const UnixFileMode ConfigurationMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private readonly List<string> _photographs = [];
    private string _written;

    public Site(ThreatHqSimulator simulator, SiteOptions options)
        : this(Directory.CreateTempSubdirectory("phishme-torture-").FullName, simulator, options)
    {
    }

    public Site(string folder, ThreatHqSimulator simulator, SiteOptions options)
    {
        Folder = folder;
        Simulator = simulator;
        Options = options;
        File.WriteAllText(ConfigurationPath, _written = Configuration(simulator, options));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(ConfigurationPath, ConfigurationMode);
        }
    }

    public string Folder { get; }

    public ThreatHqSimulator Simulator { get; }

    public SiteOptions Options { get; }

    public string ConfigurationPath => this["config.ini"];

    public string StatePath => this["config.db"];

    public string LockPath => this["config.lock"];

    public string LogPath => this["config.log"];

    /// <summary>What the processes of this site said on both streams.</summary>
    public StringBuilder Said { get; } = new();

    public string Position => Line("position")[(Line("position").IndexOf('=') + 1)..].Trim();

    public string this[string name] => Path.Combine(Folder, name);

    /// <summary>One run in this process.</summary>
    public async Task<RunSummary> RunAsync(Action<string>? step = null, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        var settings = new EngineSettings { Clock = clock ?? TimeProvider.System, Step = step, Version = "1.0.0", Timings = ImpatientTimings };
        var summary = await new IntegrationRun(settings, new RunRequest { ConfigurationPath = ConfigurationPath }, progress: null).RunAsync(cancellationToken);
        lock (Said)
        {
            Said.AppendLine(RunSummaryJson.Write(summary));
        }

        return summary;
    }

    /// <summary>Waiting is not what this is about.</summary>
    public static ApiTimings ImpatientTimings { get; } = new()
    {
        FirstDelay = TimeSpan.FromMilliseconds(1),
        LongestDelay = TimeSpan.FromMilliseconds(5),
    };

    /// <summary>Runs until the position stands still: what a schedule does in an hour.</summary>
    public async Task<RunSummary> RunUntilCurrentAsync(CancellationToken cancellationToken = default)
    {
        const int Most = 20;
        for (var run = 1; ; run++)
        {
            var before = Position;
            var summary = await RunAsync(cancellationToken: cancellationToken);
            if (summary.ExitCode is not (ExitCode.Done or ExitCode.DoneWithDeadLetters) || (Position == before && before.Length > 0))
            {
                return summary;
            }

            if (run == Most)
            {
                throw new InvalidOperationException("The position never stands still.");
            }
        }
    }

    /// <summary>Changes one value as a person would with an editor.</summary>
    public void Edit(string key, string value)
    {
        _written = With(File.ReadAllText(ConfigurationPath), key, $"{key} = {value}");
        File.WriteAllText(ConfigurationPath, _written);
    }

    /// <summary>Switches an output on or off, as a person would with an editor.</summary>
    public void Switch(string format, bool on)
    {
        var section = $"[integration_raw_{format}]\r\nuse = ";
        _written = File.ReadAllText(ConfigurationPath).Replace($"{section}{!on}", $"{section}{on}", StringComparison.Ordinal);
        File.WriteAllText(ConfigurationPath, _written);
    }

    /// <summary>
    /// Makes it the site of a program whose state file had version 3: a backfill and a run of changes were delivered, 192 events wait for the collector, and
    /// five dead letters are due.
    /// </summary>
    public void PutVersion3()
    {
        Edit("position", "ed456c99-00ae-28f5-2493-9bb42555f9e9");
        using var packed = typeof(Site).Assembly.GetManifestResourceStream("state-3.db.gz")!;
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        using var file = File.Create(StatePath);
        unpacked.CopyTo(file);
    }

    /// <summary>Keeps everything as it is now.</summary>
    public string Photograph()
    {
        var album = Directory.CreateTempSubdirectory("phishme-album-").FullName;
        _photographs.Add(album);
        Copy(Folder, album);
        return album;
    }

    /// <summary>Makes everything as it was when photographed.</summary>
    public void PutBack(string photograph)
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

        Copy(photograph, Folder);
    }

    /// <summary>Everything a user or a consumer sees: outputs byte for byte, and config.ini with its mode.</summary>
    public SortedDictionary<string, string> Visible()
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

    /// <summary>What the state file says of deliveries, positions, dead letters and waiting events, without times.</summary>
    public IReadOnlyList<string> Recorded() => [.. Told(), .. Rows("SELECT 'waiting event', sequence FROM queue ORDER BY 2")];

    /// <summary>The same without waiting events: where nothing is sent, no run looks at that table, and it may be damaged unseen.</summary>
    public IReadOnlyList<string> Told() => Rows(
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

    /// <summary>What the store says: every threat with its JSON, how many indicators of which kind, and all that its own check objects to.</summary>
    public IReadOnlyList<string> Stored()
    {
        using var store = IntelligenceStore.Open(new SqliteStoreFile(StatePath), TimeProvider.System);
        var rows = new List<string>();
        rows.AddRange(store.ReadThreats(new StoreQuery { IncludeWithdrawn = true })
            .Select(threat => $"stored {threat.Id} {(threat.Withdrawn ? "withdrawn" : "current")} {Hash(threat.Json.Span)}")
            .Order(StringComparer.Ordinal));
        var statistics = store.GetStatistics();
        rows.AddRange(statistics.ByKind.Append(new NamedCount("all", statistics.Indicators)).Select(kind => $"indicators: {kind}"));
        rows.AddRange(store.Check().Where(result => result.Outcome != CheckOutcome.Pass).Select(result => $"store, {result.Subject}: {result.Message}"));
        return rows;
    }

    /// <summary>Builds the index anew from the stored threats.</summary>
    public void RebuildStore()
    {
        using var store = IntelligenceStore.Open(new SqliteStoreFile(StatePath), TimeProvider.System);
        store.Rebuild(from: null);
    }

    /// <summary>The rows of <see cref="Stored"/> for what the simulator serves.</summary>
    public IEnumerable<string> ServedToStore() => Simulator.Threats.Select(threat =>
        FormattableString.Invariant($"stored {threat.Type[0]}_{threat.Id} current {Hash(Simulator.Json(threat.Type, threat.Id).Span)}"));

    /// <summary>What a dead run may leave behind and the next one must clear away; empty when all is in order.</summary>
    public IReadOnlyList<string> Leftovers()
    {
        var found = new List<string>();
        found.AddRange(Directory.EnumerateFileSystemEntries(Folder, "*", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(path).Contains("phishme-partial", StringComparison.Ordinal))
            .Select(path => "temporary: " + Path.GetRelativePath(Folder, path)));
        if (With(File.ReadAllText(ConfigurationPath), "position", string.Empty) != With(_written, "position", string.Empty))
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

    public void Dispose()
    {
        foreach (var folder in (string[])[Folder, .. _photographs])
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException)
            {
                // A killed process may still be going.
            }
        }
    }

    /// <summary>A revocation in STIX 2.1 of a threat nobody was told about says when it was told, and the id of its bundle follows from that.</summary>
    private static byte[] WithoutTimesOfRevocation(string path)
    {
        var content = File.ReadAllBytes(path);
        return content.AsSpan().IndexOf("\"revoked\""u8) < 0
            ? content
            : Encoding.UTF8.GetBytes(Regex.Replace(Encoding.UTF8.GetString(content), "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|bundle--[0-9a-f-]{36}", string.Empty));
    }

    private static string With(string text, string key, string replacement)
    {
        var lines = text.Split("\r\n");
        lines[Array.FindIndex(lines, line => line.StartsWith(key, StringComparison.Ordinal))] = replacement;
        return string.Join("\r\n", lines);
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexString(SHA256.HashData(bytes));

    private static void Copy(string from, string to)
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

    private static string Configuration(ThreatHqSimulator simulator, SiteOptions options)
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

        text.Append(CultureInfo.InvariantCulture, $"\n{options.Extra}\n; the end, without a line break behind it");
        return options.Edit(text.ToString()).ReplaceLineEndings("\r\n");
    }

    private string Line(string key) =>
        File.ReadAllLines(ConfigurationPath).First(line => line.StartsWith(key, StringComparison.Ordinal));
}
