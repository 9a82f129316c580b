using System.Globalization;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Products;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Files;
using PhishMe.Engine.Running;
using PhishMe.Engine.Running.Logging;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>Runs an installation in this process.</summary>
internal static class InstallationRuns
{
    public static Task<RunSummary> RunAsync(
        this Installation installation, bool dryRun = false, Action<string>? step = null, TimeProvider? clock = null, IProgress<RunProgress>? progress = null,
        CancellationTokenSource? stop = null, ApiTimings? timings = null, Func<string, string?>? secrets = null, IFileCalls? files = null,
        IReadOnlyList<IProduct>? products = null, Func<ReadOnlyMemory<byte>, ReadThreat>? reader = null, Func<ISystemLog>? hostLog = null)
    {
        var settings = new EngineSettings
        {
            Clock = clock ?? TimeProvider.System,
            Step = step,
            SecretResolver = secrets,
            Products = products ?? ProductCatalogue.All,
            ThreatReader = reader ?? ReadThreat.Of,
            Version = "1.0.0",
            Files = files ?? FileCalls.OfSystem,
            HostLog = hostLog ?? RunLog.OfHost,
            // Waiting is not what these tests are about.
            Timings = timings ?? new ApiTimings { FirstDelay = TimeSpan.FromMilliseconds(1), LongestDelay = TimeSpan.FromMilliseconds(5) },
        };
        return new IntegrationRun(settings, new RunRequest { ConfigurationPath = installation.ConfigurationPath, DryRun = dryRun }, progress).RunAsync(
            stop?.Token ?? TestContext.Current.CancellationToken);
    }

    /// <summary>Sends CEF to a collector; the other keys as they come.</summary>
    public static Installation WithSyslog(this Installation installation, SyslogEndpoint collector, params ReadOnlySpan<(string Key, string Value)> keys)
    {
        const string Section = "integration_raw_cef";
        installation.Set(Section, "use", "True").Set(Section, "multiple_file_use", "False").Set(Section, "syslog_use", "True");
        installation.Set(Section, "syslog_host", collector.Host);
        installation.Set(Section, "syslog_port", collector.Port.ToString(CultureInfo.InvariantCulture));
        installation.Set(Section, "syslog_transport", collector.Transport.ToString().ToLowerInvariant());
        installation.Set(Section, "max_eps", "1000");
        foreach ((var key, var value) in keys)
        {
            installation.Set(Section, key, value);
        }

        return installation;
    }

    /// <summary>Sends events of a product to a collector; the other keys as they come.</summary>
    public static Installation With(this Installation installation, string product, SyslogEndpoint collector, params ReadOnlySpan<(string Key, string Value)> keys)
    {
        var section = $"integration_{product}";
        installation.Set(section, "use", "True");
        installation.Set(section, "host_without_protocol", collector.Host);
        installation.Set(section, "port", collector.Port.ToString(CultureInfo.InvariantCulture));
        installation.Set(section, "transport", collector.Transport.ToString().ToLowerInvariant());
        installation.Set(section, "max_eps", "1000");
        foreach ((var key, var value) in keys)
        {
            installation.Set(section, key, value);
        }

        return installation;
    }

    /// <summary>Turns on a product that reads files, with the key that names its file or folder.</summary>
    public static Installation Feed(this Installation installation, string product, string key, string name) =>
        installation.Set($"integration_{product}", "use", "True").Set($"integration_{product}", key, installation.InFolder(name));
}
