using System.Diagnostics;
using System.Runtime.InteropServices;
using PhishMe.Engine.Running;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Serving.Monitoring;

/// <summary>What belongs to a process: OpenTelemetry is loaded when a collector is set, and its variables in the environment change nothing.</summary>
public sealed class OpenTelemetryIsolationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>In a copy of the program in which loading any of these assemblies would fail.</summary>
    [Fact]
    public async Task What_is_not_asked_for_is_not_loaded()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Stop);
        using var installation = new Installation(simulator).WithOutput("json").Save();
        using var folder = new StoreFolder();
        var program = Copy(folder, "OpenTelemetry*.dll", "Npgsql.dll");

        var (exitCode, _, error) = await SyncAsync();
        Assert.True(exitCode == 0, error);
        installation.Set("local_metrics", "otlp_endpoint", receiver.Address.ToString()).Save();
        var (broken, _, _) = await SyncAsync();

        Assert.NotEqual(0, broken);

        Task<(int ExitCode, string Output, string Error)> SyncAsync() => program.RunAsync(string.Empty, "sync", "-conf", installation.ConfigurationPath);
    }

    [Fact]
    public async Task Variables_of_OpenTelemetry_change_nothing()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var elsewhere = await OtlpReceiver.StartAsync();
        using var store = new StoreFolder();
        store.Put(ThreatBuilder.Malware(1).Domain("a.example"));
        _ = ServedFolder.Read(store, $"{ServedFolder.BothServers}[local_metrics]\notlp_endpoint = {receiver.Address}\n", new EngineSettings());
        var start = PhishMeProcess.Managed.StartInfo("serve", "-conf", store.InFolder("config.ini"));
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var variables = new Dictionary<string, string>
        {
            ["OTEL_SDK_DISABLED"] = "true",
            ["OTEL_SERVICE_NAME"] = "another",
            ["OTEL_RESOURCE_ATTRIBUTES"] = "team=another",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = elsewhere.Address.ToString(),
            ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] = elsewhere.Address.ToString(),
            ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-added=1",
            ["OTEL_EXPORTER_OTLP_METRICS_HEADERS"] = "x-added=1",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc",
            ["OTEL_EXPORTER_OTLP_COMPRESSION"] = "gzip",
            ["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"] = "delta",
            ["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync(Stop);
        try
        {
            var request = await receiver.NextAsync();

            Assert.Equal("POST /v1/metrics", request.Line);
            Assert.Equal(["host.name", "service.instance.id", "service.name", "service.version"], request.Resource.Keys.Order(StringComparer.Ordinal));
            Assert.Equal("phishme-server", request.Resource["service.name"]);
            Assert.Equal(1, request.Value("phishme_store_threats"));
            Assert.DoesNotContain(request.Headers, header => header.Key is "x-added" or "Content-Encoding");
            Assert.Equal(0, elsewhere.Waiting);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static PhishMeProcess Copy(StoreFolder folder, params string[] broken)
    {
        var root = folder.InFolder("program");
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(AppContext.BaseDirectory, file);
            if (name.StartsWith("phishme", StringComparison.Ordinal) || name.StartsWith("runtimes", StringComparison.Ordinal) || (name.EndsWith(".dll", StringComparison.Ordinal) && !name.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            {
                var copy = Path.Combine(root, name);
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }
        }

        foreach (var pattern in broken)
        {
            Assert.NotEmpty(Directory.GetFiles(root, pattern));
            Array.ForEach(Directory.GetFiles(root, pattern), file => File.WriteAllText(file, "No assembly."));
        }

        return new PhishMeProcess(Path.Combine(root, "phishme.dll"));
    }
}
