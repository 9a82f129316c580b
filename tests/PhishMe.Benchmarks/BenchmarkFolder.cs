using System.Globalization;
using PhishMe.Simulator;

namespace PhishMe.Benchmarks;

/// <summary>A temporary folder with one installation per measured run.</summary>
internal sealed class BenchmarkFolder : IAsyncDisposable
{
    /// <summary>The simulator's threats are published from here on.</summary>
    public static readonly DateTimeOffset FirstDay = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("phishme-benchmark-").FullName;
    private int _runs;

    /// <summary>Where the native program is put.</summary>
    public string NativeFolder => InFolder("native");

    public string FloorFile => InFolder("floor");

    /// <summary>A path for input that belongs to no run.</summary>
    public string InFolder(string name) => Path.Combine(_folder, name);

    /// <summary>Both products, these formats per threat and append, and ceilings that no run reaches.</summary>
    /// <returns>The path of config.ini.</returns>
    public string Configure(SimulatorProcess simulator, int concurrency, params IReadOnlyList<string> formats) =>
        WithRequests(NewInstallation(simulator, formats), concurrency).Save().ConfigurationPath;

    /// <summary>The same without a key about requests, as in the files that people bring along.</summary>
    /// <returns>The path of config.ini.</returns>
    public string ConfigureDefault(SimulatorProcess simulator, params IReadOnlyList<string> formats) => NewInstallation(simulator, formats).Save().ConfigurationPath;

    /// <summary>The store alone, in a folder that is kept. One that is there already goes on with this API.</summary>
    /// <returns>The path of config.ini, and whether it is new.</returns>
    public (string Configuration, bool IsNew) ConfigureKept(string? kept, SimulatorProcess simulator, int concurrency, string sections)
    {
        var installation = new Installation(kept is null ? NewFolder() : Directory.CreateDirectory(kept).FullName);
        if (File.Exists(installation.ConfigurationPath))
        {
            installation.Edit("base_url", simulator.BaseUrl);
            return (installation.ConfigurationPath, false);
        }

        WithRequests(Connected(installation, simulator), concurrency).WithStore().Save();
        File.AppendAllText(installation.ConfigurationPath, sections);
        return (installation.ConfigurationPath, true);
    }

    /// <summary>JSON, CEF and STIX 2.1 made from the JSON, and the store or not.</summary>
    /// <returns>The path of config.ini.</returns>
    public string ConfigureEverything(SimulatorProcess simulator, int concurrency, bool withStore = true)
    {
        var installation = WithRequests(NewInstallation(simulator, ["json", "cef", "stix"]), concurrency)
            .Set("integration_raw_cef", "source", "local").Set("integration_raw_stix", "version", "2.1");
        return (withStore ? installation.WithStore() : installation).Save().ConfigurationPath;
    }

    /// <summary>An empty folder for what is compared.</summary>
    public string NewFolder() => Directory.CreateDirectory(InFolder((++_runs).ToString(CultureInfo.InvariantCulture))).FullName;

    /// <summary>Removes what a run wrote: a full disk cache of one run must not be written back during the next.</summary>
    public static void Clear(string configuration) => Directory.Delete(Path.GetDirectoryName(configuration)!, recursive: true);

    public async ValueTask DisposeAsync() => await Task.Run(() => Directory.Delete(_folder, recursive: true));

    private static Installation WithRequests(Installation installation, int concurrency) => installation
        .Set("pm_api", "concurrent_requests", concurrency.ToString(CultureInfo.InvariantCulture))
        .Set("pm_api", "requests_per_second", "10000");

    private Installation NewInstallation(SimulatorProcess simulator, IReadOnlyList<string> formats)
    {
        var installation = Connected(new Installation(NewFolder()), simulator);
        return formats.Aggregate(installation, (all, format) => all.WithOutput(format));
    }

    private static Installation Connected(Installation installation, SimulatorProcess simulator) =>
        installation.Connect(simulator.BaseUrl, simulator.User, simulator.Password, FirstDay.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
}
