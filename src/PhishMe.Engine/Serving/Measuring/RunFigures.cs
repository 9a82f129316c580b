using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Measuring;

/// <summary>The figures of a run for monitoring.</summary>
internal static class RunFigures
{
    /// <summary>The figures.</summary>
    /// <param name="summary">The run.</param>
    /// <param name="lastSuccess">End of the last run that did all its work; null when none is known.</param>
    public static IEnumerable<Figure> Of(RunSummary summary, DateTimeOffset? lastSuccess)
    {
        ArgumentNullException.ThrowIfNull(summary);
        yield return Figure.Of("phishme_run_exit_code", "Exit code of the last run; 0 and 15 are good.", (int)summary.ExitCode);
        yield return Figure.Of("phishme_run_start_time_seconds", "When the last run began, in seconds since 1970.", Seconds(summary.StartedAt));
        yield return Figure.Of("phishme_run_end_time_seconds", "When the last run ended, in seconds since 1970.", Seconds(summary.EndedAt));
        if (lastSuccess is DateTimeOffset success)
        {
            yield return Figure.Of("phishme_run_last_success_time_seconds", "When the last good run ended, in seconds since 1970.", Seconds(success));
        }

        yield return Figure.Of("phishme_run_requests", "Requests of the last run to the API.", summary.Requests);
        yield return Figure.Of("phishme_run_threats_received", "Threats that the last run received.", summary.Received);
        yield return Figure.Of("phishme_run_threats_withdrawn", "Threats that the last run found withdrawn.", summary.Withdrawn);
        yield return Figure.Of("phishme_run_warnings", "Warnings of the last run.", summary.Warnings.Count);
        yield return Figure.Of("phishme_dead_letters_open", "Dead letters that wait for another attempt.", summary.DeadLettersOpen);
        if (summary.Destinations.Count == 0)
        {
            yield break;
        }

        yield return OfDestinations("phishme_destination_delivered", "Threats that the last run delivered.", one => one.Delivered);
        yield return OfDestinations("phishme_destination_sent", "Items that the last run sent.", one => one.Sent);
        yield return OfDestinations("phishme_destination_rejected", "Items that the destination rejected in the last run.", one => one.Rejected);
        yield return OfDestinations("phishme_destination_dropped", "Items that a full queue dropped in the last run.", one => one.Dropped);
        yield return OfDestinations("phishme_destination_waiting", "Items that wait in the queue.", one => one.Waiting);
        yield return OfDestinations("phishme_destination_catching_up", "1 while the destination catches up.", one => one.CatchingUp is null ? 0 : 1);
        yield return OfDestinations("phishme_destination_failing", "1 when the destination failed in the last run.", one => one.Failure is null ? 0 : 1);

        Figure OfDestinations(string name, string help, Func<DestinationSummary, double> figure) => new(name, help,
        [
            .. summary.Destinations.Select(one => new FigureSample(figure(one)) { Labels = [new("destination", one.Id)] }),
        ]);
    }

    /// <summary>Whether a run did all its work.</summary>
    public static bool IsGood(RunSummary run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.ExitCode is ExitCode.Done or ExitCode.DoneWithDeadLetters;
    }

    private static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000d;
}
