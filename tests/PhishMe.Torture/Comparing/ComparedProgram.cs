using System.Diagnostics;
using System.Text.Json.Nodes;
using PhishMe.Torture.Kills;

namespace PhishMe.Torture.Comparing;

/// <summary>A build of <c>phishme</c>, and what it did in one folder. All programs of a lane run at the same path, because the state file knows absolute paths.</summary>
/// <param name="program">The executable, or <c>phishme.dll</c>.</param>
/// <param name="site">Where it runs.</param>
/// <param name="home">Where its files lie while another program runs.</param>
internal sealed class ComparedProgram(string program, string site, string home)
{
    private const int MostRuns = 40;

    /// <summary>Exit code and summary of each run.</summary>
    public List<(int ExitCode, JsonNode Summary)> Runs { get; } = [];

    /// <summary>What a collector received.</summary>
    public List<string> Events { get; } = [];

    public string Home => home;

    /// <summary>Runs until the position stands still, as a schedule does.</summary>
    public async Task RunAsync(Collector collector)
    {
        Directory.Move(home, site);
        try
        {
            collector.Clear();
            for (var run = 1; ; run++)
            {
                var before = Position();
                await RunOnceAsync();
                if (Runs[^1].ExitCode != 0 || (Position() is { Length: > 0 } after && after == before))
                {
                    break;
                }

                if (run == MostRuns)
                {
                    throw new InvalidOperationException("The position never stands still.");
                }
            }

            Events.AddRange(collector.Events);
        }
        finally
        {
            Directory.Move(site, home);
        }
    }

    private async Task RunOnceAsync()
    {
        var isAssembly = program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        var start = new ProcessStartInfo(isAssembly ? SyncProcess.Runtime : program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in (string[])[.. isAssembly ? [program] : Array.Empty<string>(), "sync", "-conf", Path.Combine(site, "config.ini"), "--json"])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start.");
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Runs.Add((process.ExitCode, Summary(output) ?? throw new InvalidOperationException($"{program} wrote no summary: {output}{await errors}")));
    }

    private static JsonNode? Summary(string output) => output.Trim() is { Length: > 0 } text ? JsonNode.Parse(text) : null;

    private string Position() =>
        File.ReadLines(Path.Combine(site, "config.ini")).First(line => line.StartsWith("position", StringComparison.Ordinal)).Split('=')[1].Trim();
}
