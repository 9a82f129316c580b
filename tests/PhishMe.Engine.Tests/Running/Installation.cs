using System.Globalization;
using System.Text;
using PhishMe.Engine.Api;
using PhishMe.Engine.Destinations.Products;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Files;
using PhishMe.Engine.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>One installation in a folder of its own: a config.ini, its outputs, and runs against a simulator.</summary>
internal sealed class Installation : IDisposable
{
    public Installation(ThreatHqSimulator? simulator = null)
    {
        Folder = Directory.CreateTempSubdirectory("phishme-test-").FullName;
        Set("pm_api", "base_url", simulator?.BaseUri.ToString() ?? "http://127.0.0.1:9/apiv1");
        Set("pm_api", "user", simulator?.Options.User ?? new string('u', 32));
        Set("pm_api", "pass", simulator?.Options.Password ?? new string('p', 32));
        Set("pm_api", "init_date", "2025-01-01");
        Set("pm_api", "position", string.Empty);
        Set("pm_api", "expired_threat_days", "3650");
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

    public Installation Set(string section, string key, string value)
    {
        if (!Sections.TryGetValue(section, out var keys))
        {
            Sections.Add(section, keys = []);
        }

        keys[key] = value;
        return this;
    }

    /// <summary>Turns on both file modes of an output.</summary>
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

    public string AppendPath(string format) => InFolder($"all.{format}");

    public string FilesPath(string format) => InFolder(format);

    /// <summary>Writes config.ini; an existing one keeps its position unless it was set.</summary>
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

        File.WriteAllText(ConfigurationPath, text.ToString());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(ConfigurationPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return this;
    }

    /// <summary>Writes config.ini as a person who leaves the position alone.</summary>
    public Installation Save(string position) => Set("pm_api", "position", position).Save();

    /// <summary>Replaces one value in the file as a person would with an editor.</summary>
    public void Edit(string key, string value)
    {
        var lines = File.ReadAllLines(ConfigurationPath);
        var line = Array.FindIndex(lines, text => text.StartsWith(key + " =", StringComparison.Ordinal));
        lines[line] = $"{key} = {value}";
        File.WriteAllText(ConfigurationPath, string.Join('\n', lines) + "\n");
    }

    public string ReadKey(string key) =>
        File.ReadAllLines(ConfigurationPath).First(text => text.StartsWith(key + " =", StringComparison.Ordinal))[(key.Length + 2)..].Trim();

    public Task<RunSummary> RunAsync(
        bool dryRun = false, Action<string>? step = null, TimeProvider? clock = null, IProgress<RunProgress>? progress = null, CancellationTokenSource? stop = null,
        ApiTimings? timings = null, Func<string, string?>? secrets = null, IFileCalls? files = null, IReadOnlyList<IProduct>? products = null)
    {
        var settings = new EngineSettings
        {
            Clock = clock ?? TimeProvider.System,
            Step = step,
            SecretResolver = secrets,
            Products = products ?? ProductCatalogue.All,
            Version = "1.0.0",
            Files = files ?? FileCalls.OfSystem,
            // Waiting is not what these tests are about.
            Timings = timings ?? new ApiTimings { FirstDelay = TimeSpan.FromMilliseconds(1), LongestDelay = TimeSpan.FromMilliseconds(5) },
        };
        return new IntegrationRun(settings, new RunRequest { ConfigurationPath = ConfigurationPath, DryRun = dryRun }, progress).RunAsync(
            stop?.Token ?? TestContext.Current.CancellationToken);
    }

    /// <summary>Sends CEF to a collector; the other keys as they come.</summary>
    public Installation WithSyslog(SyslogEndpoint collector, params ReadOnlySpan<(string Key, string Value)> keys)
    {
        Set("integration_raw_cef", "use", "True").Set("integration_raw_cef", "multiple_file_use", "False");
        Set("integration_raw_cef", "syslog_use", "True");
        Set("integration_raw_cef", "syslog_host", collector.Host);
        Set("integration_raw_cef", "syslog_port", collector.Port.ToString(CultureInfo.InvariantCulture));
        Set("integration_raw_cef", "syslog_transport", collector.Transport.ToString().ToLowerInvariant());
        Set("integration_raw_cef", "max_eps", "1000");
        foreach ((var key, var value) in keys)
        {
            Set("integration_raw_cef", key, value);
        }

        return this;
    }

    /// <summary>Sends events of a product to a collector; the other keys as they come.</summary>
    public Installation With(string product, SyslogEndpoint collector, params ReadOnlySpan<(string Key, string Value)> keys)
    {
        var section = $"integration_{product}";
        Set(section, "use", "True");
        Set(section, "host_without_protocol", collector.Host);
        Set(section, "port", collector.Port.ToString(CultureInfo.InvariantCulture));
        Set(section, "transport", collector.Transport.ToString().ToLowerInvariant());
        Set(section, "max_eps", "1000");
        foreach ((var key, var value) in keys)
        {
            Set(section, key, value);
        }

        return this;
    }

    /// <summary>The installation as its disk is at this moment: what a process killed now would leave.</summary>
    public Installation Copy()
    {
        var copy = new Installation();
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
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (IOException)
        {
            // A killed process may still be going.
        }
    }
}
