using System.Globalization;

namespace PhishMe.Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed record BenchmarkOptions
{
    public const string Usage = """
        dotnet run -c Release --project tests/PhishMe.Benchmarks [-- [compare] [module] [outputs] [memory] [pace] [backfill] [changes] [store] [feeds] [push] [serve] [scale] [managed] [options]]

          compare           the whole table: native, managed and module beside floor, serial script and a loop in PowerShell, at 0, 30 and 100 ms, with default
                            settings (1,000 threats) and raised limits (20,000); idle runs; outputs; memory; store (of 20,000 threats)
          module            20,000 threats by the module against the floor
          outputs           20,000 threats, JSON + CEF + STIX 2.1 made here + store, by each of our programs; how much of it the store takes
          memory            100,000 threats, JSON
          pace              servers with limits: what a run finds by itself against the best fixed setting; four processes that share a limit
          backfill          20,000 threats at 0 and 50 ms latency against the floor; peak memory for 5,000 and 20,000
          changes           an idle run, and runs with 1,000 changes
          store             100,000 threats in the local store: size, build, single look-ups, 100,000 values from a pipe, a log of 1 GB
          feeds             the feed files of five products from a store of 100,000 threats: time, memory, one against all
          push              a product by HTTP that was down during a backfill: items a second when it is back, peak memory for 5,000 and 20,000 threats
          serve             200 clients at once that poll a server over a store of 100,000 threats while syncs run: p99 of pages of 1,000 objects, errors, memory
          scale             a shared state of 1,000,000 threats in a PostgreSQL of its own: build, size, single look-ups, eight clients, a pipe, a log
          renderers         alone: BenchmarkDotNet on reading, packing and rendering, time and allocations per threat; no targets
          managed           leaves the native phishme out, which needs a C compiler to link it
          --repeat N        measure each time N times and take the median (default 1)
          --threats N       threats of the large backfill (default 20000)
          --few-threats N   threats of the runs with default settings (default 1000)
          --many-threats N  threats of the run for memory (default 100000)
          --store-threats N threats of the store (default 100000; of scale 1000000)
          --log-mb N        size of the log (default 1000); over 64 its rate and its memory are compared with a log of 64
          --concurrency N   concurrent_requests, of the floor too (default 256, the most a configuration allows)
          --latency MS      only this latency
          --seconds N       serve: how long each way of polling is measured (default 20)
          --keep FOLDER     serve, scale: makes its store there, or uses the one that is there
          --smoke           small numbers of everything, to see that all parts run: the ratios mean nothing, and targets are missed

        Exit code: 0 all targets met, 1 one is missed, 2 wrong usage.
        """;

    private static readonly string[] Parts = ["compare", "module", "outputs", "memory", "pace", "backfill", "changes", "store", "feeds", "push", "serve", "scale"];

    private readonly HashSet<string> _parts = new(StringComparer.Ordinal);

    /// <summary>Whether the native phishme is left out.</summary>
    public bool ManagedOnly { get; private init; }

    public int Repeat { get; private init; } = 1;

    public int Threats { get; private init; } = 20_000;

    public int FewThreats { get; private init; } = 1_000;

    public int ManyThreats { get; private init; } = 100_000;

    public int StoreThreats { get; private init; } = 100_000;

    /// <summary>Threats of the shared state.</summary>
    public int ScaleThreats { get; private init; } = 1_000_000;

    public int LogMegabytes { get; private init; } = 1000;

    public int Concurrency { get; private init; } = 256;

    public int Seconds { get; private init; } = 20;

    /// <summary>The folder of an installation that is kept; null for a temporary one.</summary>
    public string? Keep { get; private init; }

    public IReadOnlyList<int> Latencies { get; private init; } = [0, 50];

    /// <summary>Whether the command line names one.</summary>
    public bool IsLatencyGiven { get; private init; }

    public bool Wants(string part) => _parts.Count == 0 || _parts.Contains(part);

    /// <summary>Whether a part is named that is also part of the whole table, and the whole table is not wanted.</summary>
    public bool WantsAlone(string part) => _parts.Contains(part) && !Wants("compare");

    /// <summary>For the whole table: a store and a log that take a minute.</summary>
    public BenchmarkOptions WithSmallStore() => this with { StoreThreats = Math.Min(StoreThreats, Threats), LogMegabytes = Math.Min(LogMegabytes, 64) };

    /// <returns>Null when the arguments make no sense.</returns>
    public static BenchmarkOptions? Parse(string[] arguments)
    {
        var options = new BenchmarkOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (Parts.Contains(arguments[i], StringComparer.Ordinal))
            {
                options._parts.Add(arguments[i]);
                continue;
            }

            if (arguments[i] == "managed")
            {
                options = options with { ManagedOnly = true };
                continue;
            }

            if (arguments[i] == "--smoke")
            {
                options = options with { FewThreats = 100, Threats = 1_000, ManyThreats = 2_000, StoreThreats = 1_000, ScaleThreats = 1_000, LogMegabytes = 1, Seconds = 3 };
                continue;
            }

            if (arguments[i] == "--keep" && i + 1 < arguments.Length)
            {
                options = options with { Keep = Path.GetFullPath(arguments[++i]) };
                continue;
            }

            if (i + 1 == arguments.Length || !int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            switch (arguments[i++])
            {
                case "--repeat" when number > 0:
                    options = options with { Repeat = number };
                    break;
                case "--threats" when number > 0:
                    options = options with { Threats = number };
                    break;
                case "--few-threats" when number > 0:
                    options = options with { FewThreats = number };
                    break;
                case "--many-threats" when number > 0:
                    options = options with { ManyThreats = number };
                    break;
                case "--store-threats" when number > 0:
                    options = options with { StoreThreats = number, ScaleThreats = number };
                    break;
                case "--log-mb" when number > 0:
                    options = options with { LogMegabytes = number };
                    break;
                case "--seconds" when number > 0:
                    options = options with { Seconds = number };
                    break;
                case "--concurrency" when number is > 0 and <= 256:
                    options = options with { Concurrency = number };
                    break;
                case "--latency":
                    options = options with { Latencies = [number], IsLatencyGiven = true };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
