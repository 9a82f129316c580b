using PhishMe.Engine;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using static System.FormattableString;

namespace PhishMe.QuickStart;

/// <summary>
/// The whole integration against a simulated API: a backfill, and a run that brings what is new, changed and withdrawn. The same as
/// <c>phishme sync</c> or <c>Invoke-PhishMeIntegration</c> does every 15 minutes.
/// </summary>
public static class Tour
{
    private const int Threats = 120;
    private const int New = 12;
    private const int Changed = 5;
    private const int Withdrawn = 3;

    /// <summary>Tells the tour step by step.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="keep">Whether the folder stays.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>0 when both runs were done, else the exit code of the first that was not.</returns>
    public static async Task<int> RunAsync(TextWriter output, bool keep, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(output);

        // 1. An API. It speaks HTTP on loopback and serves invented threats: the same on each start, published over the last ten days.
        DateTimeOffset today = DateTimeOffset.UtcNow.Date;
        await using var api = await ThreatHqSimulator.StartAsync(
            new SimulatorOptions { Threats = Threats, From = today.AddDays(-10), To = DateTimeOffset.UtcNow.AddHours(-1) }, cancellationToken);
        await output.WriteLineAsync(Invariant($"The simulated ThreatHQ API serves {Threats} threats at {api.BaseUri}"));

        // 2. A configuration. It needs nothing but credentials, a first day and outputs; config.ini.sample explains every key.
        var workplace = new Workplace();
        try
        {
            var configuration = workplace.WriteConfiguration(api, firstDay: today.AddDays(-10));
            await TellAsync(output, "config.ini", (await File.ReadAllTextAsync(configuration, cancellationToken)).TrimEnd());

            // 3. The engine, through the port that the cmdlets and phishme use too.
            var engine = new EngineFactory().Create(new EngineOptions { Version = "1.0.0" });
            var request = new RunRequest { ConfigurationPath = configuration };

            // 4. First run: there is no position yet, so everything since the first day comes (a backfill).
            var backfill = await engine.RunAsync(request, progress: null, cancellationToken);
            await TellAsync(output, "First run: backfill", Report.Summary(backfill), Report.Requests(api));
            if (backfill.ExitCode != ExitCode.Done)
            {
                return (int)backfill.ExitCode;
            }

            await TellAsync(output, "What it wrote", workplace.Listing(), "A line of all.cef: " + await workplace.FirstCefLineAsync(cancellationToken));

            // 5. The world goes on: threats are published, changed and withdrawn.
            string[] known = [.. api.Threats.Select(threat => Invariant($"{threat.Type[0]}_{threat.Id}"))];
            var changed = known[..Changed];
            var withdrawn = known[^Withdrawn..];
            var file = workplace.FileOf(withdrawn[0], "json") ?? "nowhere";
            var published = api.Publish(New);
            Array.ForEach(changed, api.Republish);
            Array.ForEach(withdrawn, api.Withdraw);
            await TellAsync(
                output,
                "Meanwhile at the API",
                Invariant($"{published.Count} threats are published, {changed.Length} changed ({string.Join(", ", changed)}) and {withdrawn.Length} withdrawn ({string.Join(", ", withdrawn)})."));

            // 6. Second run: goes on from the position that the first one left in config.ini.
            api.Requests.Clear();
            var updates = await engine.RunAsync(request, progress: null, cancellationToken);
            await TellAsync(output, "Second run: updates", Report.Summary(updates), Report.Requests(api));
            if (updates.ExitCode != ExitCode.Done)
            {
                return (int)updates.ExitCode;
            }

            // 7. What was withdrawn is taken back from the folders, and streams that only grow are told.
            await TellAsync(
                output,
                $"What the withdrawal of {withdrawn[0]} did",
                Invariant($"{file}: {(workplace.FileOf(withdrawn[0], "json") is null ? "removed" : "still there")}"),
                "end of all.json: " + await workplace.WithdrawalLineAsync("json", withdrawn[0], cancellationToken),
                "end of all.cef:  " + await workplace.WithdrawalLineAsync("cef", withdrawn[0], cancellationToken));
            return 0;
        }
        finally
        {
            await output.WriteLineAsync();
            await output.WriteLineAsync(keep ? $"Everything is in {workplace.Folder}" : "The folder is removed again; with '-- --keep' it stays.");
            if (!keep)
            {
                workplace.Remove();
            }
        }
    }

    private static async Task TellAsync(TextWriter output, string title, params string[] paragraphs)
    {
        await output.WriteLineAsync();
        await output.WriteLineAsync("== " + title + " ==");
        foreach (var paragraph in paragraphs)
        {
            await output.WriteLineAsync(paragraph);
        }
    }
}
