using PhishMe.Intelligence;
using PhishMe.Simulator;
using static System.FormattableString;

namespace PhishMe.QuickStart;

/// <summary>Runs and requests in words.</summary>
internal static class Report
{
    public static string Summary(RunSummary summary)
    {
        var lines = new List<string>
        {
            Invariant($"ended with {(int)summary.ExitCode} ({summary.ExitCode}) after {(summary.EndedAt - summary.StartedAt).TotalSeconds:0.0} s; ")
                + Invariant($"{summary.Received} received, {summary.Withdrawn} withdrawn, {summary.DeadLetters} set aside"),
        };
        if (summary.Fault is Fault fault)
        {
            lines.Add($"fault: {fault}");
        }

        lines.AddRange(summary.Warnings.Select(warning => "warning: " + warning));
        lines.AddRange(summary.Outputs.Select(output =>
            Invariant($"[{output.Output}] {output.Threats} threats, {output.Withdrawn} withdrawals: ")
            + Invariant($"{output.FilesWritten} files written, {output.FilesRemoved} removed, {output.BytesAppended:N0} bytes appended")));
        lines.Add($"position: {summary.PositionBefore ?? "none"} -> {summary.PositionAfter ?? "none"}");
        return string.Join(Environment.NewLine, lines);
    }

    public static string Requests(ThreatHqSimulator api) =>
        "requests: " + string.Join(", ", api.Requests.CountByRoute().Select(route => Invariant($"{route.Value} {route.Key}")));
}
