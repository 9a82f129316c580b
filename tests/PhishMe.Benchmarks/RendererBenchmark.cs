using System.Buffers;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Benchmarks;

/// <summary>Reading, rendering and packing a threat: time and allocations per threat, as means over a page of them.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class RendererBenchmark
{
    private const int Page = 100;

    private readonly ArrayBufferWriter<byte> _output = new(1024 * 1024);
    private ReadOnlyMemory<byte>[] _documents = [];
    private Threat[] _threats = [];
    private IThreatRenderer[] _renderers = [];

    /// <summary>Runs all of them in this process and prints the table.</summary>
    public static void Run() => BenchmarkRunner.Run<RendererBenchmark>(
        ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddLogger(ConsoleLogger.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance));

    /// <summary>Downloads a page from the simulator and reads it.</summary>
    [GlobalSetup]
    public async Task DownloadAsync()
    {
        await using var simulator = await SimulatorProcess.StartAsync(Page, latency: 0);
        using var answer = JsonDocument.Parse(await simulator.PageAsync(Page));
        _documents =
        [
            .. answer.RootElement.GetProperty("data").GetProperty("threats").EnumerateArray()
                .Select(threat => (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(threat)),
        ];
        _threats = [.. _documents.Select(document => ReadThreat.Of(document).Threat).OfType<Threat>()];
        _renderers = [.. Enum.GetValues<RenderingFormat>().Select(format => FormatCatalogue.CreateRenderer(new RenderingOptions { Format = format }))];
    }

    /// <summary>The model from the JSON.</summary>
    [Benchmark(OperationsPerInvoke = Page)]
    public int Read()
    {
        var indicators = 0;
        foreach (var document in _documents)
        {
            indicators += ReadThreat.Of(document).Threat?.Indicators.Count ?? 0;
        }

        return indicators;
    }

    /// <summary>The JSON as the store keeps it.</summary>
    [Benchmark(OperationsPerInvoke = Page)]
    public int Pack()
    {
        var bytes = 0;
        foreach (var document in _documents)
        {
            bytes += StoredJson.Pack(document.Span).Length;
        }

        return bytes;
    }

    /// <summary>CEF lines.</summary>
    [Benchmark(OperationsPerInvoke = Page)]
    public int Cef() => Render(RenderingFormat.Cef);

    /// <summary>A package of STIX 1.1.1.</summary>
    [Benchmark(OperationsPerInvoke = Page)]
    public int Stix111() => Render(RenderingFormat.Stix111);

    /// <summary>A bundle of STIX 2.1.</summary>
    [Benchmark(OperationsPerInvoke = Page)]
    public int Stix21() => Render(RenderingFormat.Stix21);

    /// <summary>An event of MISP.</summary>
    [Benchmark(OperationsPerInvoke = Page)]
    public int Misp() => Render(RenderingFormat.Misp);

    /// <summary>Rows of CSV.</summary>
    [Benchmark(OperationsPerInvoke = Page)]
    public int Csv() => Render(RenderingFormat.Csv);

    /// <summary>Lines of a list.</summary>
    [Benchmark(OperationsPerInvoke = Page)]
    public int List() => Render(RenderingFormat.List);

    private int Render(RenderingFormat format)
    {
        var renderer = _renderers[(int)format];
        var bytes = 0;
        foreach (var threat in _threats)
        {
            _output.ResetWrittenCount();
            renderer.Render(threat, _output);
            bytes += _output.WrittenCount;
        }

        return bytes;
    }
}
