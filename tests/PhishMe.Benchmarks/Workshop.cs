using System.Globalization;
using System.Text;
using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>A temporary folder with one folder per measured run.</summary>
internal sealed class Workshop : IAsyncDisposable
{
    /// <summary>The simulator's threats are published from here on.</summary>
    public static readonly DateTimeOffset FirstDay = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("phishme-benchmark-").FullName;
    private int _runs;

    /// <summary>Where the native program is put.</summary>
    public string NativeFolder => Path.Combine(_folder, "native");

    public string FloorFile => Path.Combine(_folder, "floor");

    /// <summary>A folder with a config.ini: both products, these formats per threat and append, the governor out of the way.</summary>
    /// <returns>The path of config.ini.</returns>
    public string Configure(SimulatorProcess simulator, int concurrency, params IReadOnlyList<string> formats) =>
        Configure(simulator, Invariant($"concurrent_requests = {concurrency}\nrequests_per_second = 10000"), formats);

    /// <summary>The same with nothing said about requests, as in the files that people bring along.</summary>
    /// <returns>The path of config.ini.</returns>
    public string ConfigureDefault(SimulatorProcess simulator, params IReadOnlyList<string> formats) => Configure(simulator, string.Empty, formats);

    /// <summary>JSON, CEF and STIX 2.1 made from the JSON, and the store.</summary>
    /// <returns>The path of config.ini.</returns>
    public string ConfigureEverything(SimulatorProcess simulator, int concurrency)
    {
        var path = Configure(simulator, concurrency, "json", "cef", "stix");
        var text = System.IO.File.ReadAllText(path)
            .Replace("[integration_raw_cef]\n", "[integration_raw_cef]\nsource = local\n", StringComparison.Ordinal)
            .Replace("[integration_raw_stix]\n", "[integration_raw_stix]\nversion = 2.1\n", StringComparison.Ordinal);
        System.IO.File.WriteAllText(path, text + "\n[local_sqlite]\nuse = True\n");
        return path;
    }

    /// <summary>An empty folder for what is compared.</summary>
    public string NewFolder() =>
        Directory.CreateDirectory(Path.Combine(_folder, (++_runs).ToString(CultureInfo.InvariantCulture))).FullName;

    private string Configure(SimulatorProcess simulator, string requests, IReadOnlyList<string> formats)
    {
        var folder = Path.Combine(_folder, (++_runs).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"""
            [pm_api]
            base_url = {simulator.BaseUrl}
            user = {simulator.User}
            pass = {simulator.Password}
            init_date = {FirstDay:yyyy-MM-dd}
            position =
            expired_threat_days = 3650
            {requests}

            [pm_format]
            {string.Join('\n', formats.Select(format => format + " = True"))}

            """));
        foreach (var format in formats)
        {
            text.Append(CultureInfo.InvariantCulture, $"""

                [integration_raw_{format}]
                use = True
                append_file_use = True
                append_file_location = all.{format}
                multiple_file_use = True
                multiple_file_location = {format}

                """);
        }

        var path = Path.Combine(folder, "config.ini");
        System.IO.File.WriteAllText(path, text.ToString());
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    /// <summary>A file for input, of no run.</summary>
    public string File(string name) => Path.Combine(_folder, name);

    /// <summary>Removes what a run wrote: a full disk cache of one run must not be written back during the next.</summary>
    public static void Clear(string configuration) => Directory.Delete(Path.GetDirectoryName(configuration)!, recursive: true);

    public async ValueTask DisposeAsync() => await Task.Run(() => Directory.Delete(_folder, recursive: true));
}
