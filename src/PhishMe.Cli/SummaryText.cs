using System.Globalization;
using PhishMe.Engine.Running;
using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary>The run summary for a person or, as JSON, for a program; warnings and the fault go to standard error.</summary>
internal static class SummaryText
{
    public static async Task WriteAsync(RunSummary summary, bool json, bool isShown, TextWriter output, TextWriter error)
    {
        foreach (var warning in summary.Warnings)
        {
            await error.WriteLineAsync(VisibleText.OfLines(warning));
        }

        if (summary.Fault is Fault fault)
        {
            await error.WriteLineAsync($"{fault.Kind.Id}: {VisibleText.OfLines(fault.ToString())}");
        }

        if (json || isShown)
        {
            await output.WriteLineAsync(json ? RunSummaryJson.Write(summary) : Text(summary));
        }
    }

    private static string Text(RunSummary summary)
    {
        var verb = summary.DryRun ? "Would deliver" : "Delivered";
        var lines = new List<string>
        {
            string.Create(
                CultureInfo.InvariantCulture,
                $"Run {summary.RunId} ended with {(int)summary.ExitCode} ({summary.ExitCode}) after {(summary.EndedAt - summary.StartedAt).TotalSeconds:0.0} s: "
                + $"{summary.Requests} requests, {summary.Received} received, {summary.Withdrawn} withdrawn, {summary.Expired} expired, "
                + $"{summary.DeadLetters} set aside, {summary.Healed} healed, {summary.DeadLettersOpen} dead letters open."),
        };
        if (summary.Pace is RequestPace pace)
        {
            var rate = pace.PerSecond is double perSecond ? string.Create(CultureInfo.InvariantCulture, $", {perSecond:0.#} per second") : string.Empty;
            lines.Add(string.Create(
                CultureInfo.InvariantCulture, $"The API takes {pace.InFlight} request(s) at a time{rate}; it refused {pace.Refused} for coming too fast."));
        }

        lines.AddRange(summary.Outputs.Select(output => string.Create(
            CultureInfo.InvariantCulture,
            $"{verb} to [{output.Output}]: {output.Threats} threats, {output.Withdrawn} withdrawals, {output.Unchanged} unchanged left out; "
            + $"{output.FilesWritten} files written, {output.FilesRemoved} removed, {output.BytesAppended} bytes appended.")));
        lines.AddRange(summary.Destinations.Where(destination => destination.Kind == DestinationKind.Queued).Select(destination => string.Create(
            CultureInfo.InvariantCulture,
            $"Sent to {destination.Id}: {destination.Sent} items; {destination.Waiting} waiting, {destination.Rejected} rejected.")));
        lines.AddRange(summary.Destinations.Where(destination => destination.CatchingUp is not null)
            .Select(destination => $"{destination.Id} is catching up ({VisibleText.Of(destination.CatchingUp!)}); the next run continues."));
        lines.Add($"Position: {summary.PositionAfter ?? "none yet"}");
        return string.Join(Environment.NewLine, lines);
    }
}
