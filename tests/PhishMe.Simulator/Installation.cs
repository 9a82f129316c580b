using System.Globalization;
using System.Text;

namespace PhishMe.Simulator;

/// <summary>
/// A folder with a config.ini, as a user of the product has one: its state, lock and log lie beside the file, its outputs below it. All tests and benchmarks
/// that run the product use it. It knows the words of config.ini and nothing of the product's code.
/// </summary>
public class Installation : IDisposable
{
    /// <summary>An empty configuration.</summary>
    /// <param name="folder">An existing folder; removed at the end.</param>
    public Installation(string folder) => Folder = folder;

    /// <summary>Both products from this API, without a limit of requests that would slow a test down. No output is on yet.</summary>
    /// <param name="simulator">The API; null for one that cannot be reached.</param>
    public Installation(ThreatHqSimulator? simulator = null)
        : this(TemporaryFolder())
    {
        Connect(simulator?.BaseUri.ToString() ?? "http://127.0.0.1:9/apiv1", simulator?.Options.User ?? new string('u', 32), simulator?.Options.Password ?? new string('p', 32));
        Set("pm_api", "requests_per_second", "1000");
        Set("pm_product", "intelligence", "True");
        Set("pm_product", "brand_intelligence", "True");
    }

    public string Folder { get; }

    public string ConfigurationPath => InFolder("config.ini");

    public string LogPath => InFolder("config.log");

    public string StatePath => InFolder("config.db");

    public string LockPath => InFolder("config.lock");

    /// <summary>Sections and keys in the order they were set first.</summary>
    public OrderedDictionary<string, OrderedDictionary<string, string>> Sections { get; } = [];

    public string Position => ReadKey("position");

    public string InFolder(string name) => Path.Combine(Folder, name);

    public string AppendPath(string format) => InFolder($"all.{format}");

    public string FilesPath(string format) => InFolder(format);

    public Installation Set(string section, string key, string value)
    {
        if (!Sections.TryGetValue(section, out var keys))
        {
            Sections.Add(section, keys = []);
        }

        keys[key] = value;
        return this;
    }

    /// <summary>The API, a first day and no position.</summary>
    public Installation Connect(string baseUri, string user, string password, string firstDay = "2025-01-01")
    {
        Set("pm_api", "base_url", baseUri);
        Set("pm_api", "user", user);
        Set("pm_api", "pass", password);
        Set("pm_api", "init_date", firstDay);
        Set("pm_api", "position", string.Empty);
        return Set("pm_api", "expired_threat_days", "3650");
    }

    /// <summary>Turns on an output: the append file, the file of each threat, or both.</summary>
    public Installation WithOutput(string format, bool append = true, bool files = true, bool splitByDate = true, string? layout = null)
    {
        var section = $"integration_raw_{format}";
        Set("pm_format", format, "True");
        Set(section, "use", "True");
        Set(section, "append_file_use", append.ToString());
        Set(section, "append_file_location", AppendPath(format));
        Set(section, "multiple_file_use", files.ToString());
        Set(section, "multiple_file_location", FilesPath(format));
        Set(section, "multiple_file_split_by_date", splitByDate.ToString());
        return layout is null ? this : Set(section, "layout", layout);
    }

    public Installation WithAllOutputs() => WithOutput("cef").WithOutput("json").WithOutput("stix");

    /// <summary>Keeps the threats themselves in the state file.</summary>
    public Installation WithStore() => Set("local_sqlite", "use", "True");

    /// <summary>Writes config.ini, readable for its owner only.</summary>
    public Installation Save()
    {
        var text = new StringBuilder();
        foreach ((var section, var keys) in Sections)
        {
            text.Append(CultureInfo.InvariantCulture, $"[{section}]\n");
            foreach ((var key, var value) in keys)
            {
                text.Append(CultureInfo.InvariantCulture, $"{key} = {value}\n");
            }

            text.Append('\n');
        }

        Write(text.ToString());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(ConfigurationPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return this;
    }

    /// <summary>Writes config.ini as a person does who leaves the position alone.</summary>
    public Installation Save(string position) => Set("pm_api", "position", position).Save();

    /// <summary>Replaces one value in the file, as a person does with an editor.</summary>
    public void Edit(string key, string value) => Write(WithLine(File.ReadAllText(ConfigurationPath), key, $"{key} = {value}"));

    public string ReadKey(string key)
    {
        var line = File.ReadAllLines(ConfigurationPath).First(line => IsOf(line, key));
        return line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim();
    }

    /// <summary>The same installation as its disk is at this moment: what a process that was killed now would leave. Without the lock.</summary>
    public Installation Copy()
    {
        var copy = new Installation(TemporaryFolder());
        foreach (var path in Directory.EnumerateFiles(Folder).Where(path => path != LockPath))
        {
            using FileStream source = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var target = File.Create(copy.InFolder(Path.GetFileName(path)));
            source.CopyTo(target);
        }

        return copy;
    }

    /// <summary>Relative path and content of every file the outputs wrote.</summary>
    public SortedDictionary<string, string> OutputFiles()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(Folder, path);
            if (!name.StartsWith("config", StringComparison.Ordinal))
            {
                files.Add(name, File.ReadAllText(path));
            }
        }

        return files;
    }

    public string Log() => File.Exists(LogPath) ? File.ReadAllText(LogPath) : string.Empty;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (IOException)
        {
            // A killed process may still be going.
        }
    }

    /// <summary>Writes the text of config.ini; its mode stays.</summary>
    protected virtual void Write(string text) => File.WriteAllText(ConfigurationPath, text);

    /// <summary>The text with the line of a key replaced; line ends stay.</summary>
    protected static string WithLine(string text, string key, string replacement)
    {
        ArgumentNullException.ThrowIfNull(text);
        var end = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        var lines = text.Split(end);
        lines[Array.FindIndex(lines, line => IsOf(line, key))] = replacement;
        return string.Join(end, lines);
    }

    private static string TemporaryFolder() => Directory.CreateTempSubdirectory("phishme-test-").FullName;

    private static bool IsOf(string line, string key) =>
        line.StartsWith(key, StringComparison.Ordinal) && line.AsSpan(key.Length).TrimStart().StartsWith("=");
}
