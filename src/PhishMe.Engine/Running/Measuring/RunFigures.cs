using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Measuring;

/// <summary>The figures of a run for monitoring.</summary>
internal static class RunFigures
{
    /// <summary>The figures as Prometheus reads them.</summary>
    /// <param name="summary">The run.</param>
    /// <param name="lastSuccess">End of the last run that did all its work; null when none is known.</param>
    public static string Of(RunSummary summary, DateTimeOffset? lastSuccess)
    {
        var text = new PrometheusText();
        text.Gauge("phishme_run_exit_code", "Exit code of the last run; 0 and 15 are good.", (int)summary.ExitCode);
        text.Gauge("phishme_run_start_time_seconds", "When the last run began, in seconds since 1970.", Seconds(summary.StartedAt));
        text.Gauge("phishme_run_end_time_seconds", "When the last run ended, in seconds since 1970.", Seconds(summary.EndedAt));
        if (lastSuccess is DateTimeOffset success)
        {
            text.Gauge("phishme_run_last_success_time_seconds", "When the last good run ended, in seconds since 1970.", Seconds(success));
        }

        text.Gauge("phishme_run_requests", "Requests of the last run to the API.", summary.Requests);
        text.Gauge("phishme_run_threats_received", "Threats that the last run received.", summary.Received);
        text.Gauge("phishme_run_threats_withdrawn", "Threats that the last run found withdrawn.", summary.Withdrawn);
        text.Gauge("phishme_run_warnings", "Warnings of the last run.", summary.Warnings.Count);
        text.Gauge("phishme_dead_letters_open", "Dead letters that wait for another attempt.", summary.DeadLettersOpen);
        OfDestinations(text, summary.Destinations, "phishme_destination_delivered", "Threats that the last run delivered.", one => one.Delivered);
        OfDestinations(text, summary.Destinations, "phishme_destination_sent", "Items that the last run sent.", one => one.Sent);
        OfDestinations(text, summary.Destinations, "phishme_destination_rejected", "Items that the destination rejected in the last run.", one => one.Rejected);
        OfDestinations(text, summary.Destinations, "phishme_destination_dropped", "Items that a full queue dropped in the last run.", one => one.Dropped);
        OfDestinations(text, summary.Destinations, "phishme_destination_waiting", "Items that wait in the queue.", one => one.Waiting);
        OfDestinations(text, summary.Destinations, "phishme_destination_catching_up", "1 while the destination catches up.", one => one.CatchingUp is null ? 0 : 1);
        OfDestinations(text, summary.Destinations, "phishme_destination_failing", "1 when the destination failed in the last run.", one => one.Failure is null ? 0 : 1);
        return text.ToString();
    }

    private static void OfDestinations(
        PrometheusText text, IReadOnlyList<DestinationSummary> destinations, string name, string help, Func<DestinationSummary, double> figure)
    {
        if (destinations.Count == 0)
        {
            return;
        }

        text.Begin(name, help);
        foreach (var destination in destinations)
        {
            text.Sample(name, figure(destination), ("destination", destination.Id));
        }
    }

    private static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000d;
}
