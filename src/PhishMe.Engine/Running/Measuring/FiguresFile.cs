using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Files;
using PhishMe.Engine.Serving.Measuring;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Measuring;

/// <summary>[local_metrics] textfile: replaced as a whole after each run, so that a collector never reads half of it.</summary>
internal sealed class FiguresFile(EngineSettings engine)
{
    /// <summary>How many runs are looked through for the last good one: about ten days.</summary>
    private const int RunsToLookThrough = 1000;

    /// <summary>Writes the figures of a run.</summary>
    /// <returns>Why they were not written; null when they were, or when none are wanted.</returns>
    public async Task<string?> TryWriteAsync(IntegrationSettings settings, RunSummary summary)
    {
        if (settings.MetricsFile is not string file)
        {
            return null;
        }

        try
        {
            var text = PrometheusText.Of(RunFigures.Of(summary, await LastSuccessAsync(settings, summary).ConfigureAwait(false)));
            AtomicFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(text)), new PatientFiles(engine.Clock, engine.Files));
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"The figures of the run cannot be written to {file}: {exception.Message} Correct textfile in [local_metrics].";
        }
    }

    private async Task<DateTimeOffset?> LastSuccessAsync(IntegrationSettings settings, RunSummary summary)
    {
        if (RunFigures.IsGood(summary))
        {
            return summary.EndedAt;
        }

        try
        {
            if (!engine.States.Exists(settings.State.Location))
            {
                return null;
            }

            using var state = engine.States.OpenReadOnly(settings.State.Location);
            var runs = await state.GetRunSummariesAsync(RunsToLookThrough, CancellationToken.None).ConfigureAwait(false);
            return runs.Select(RunSummaryJson.Read).OfType<RunSummary>().FirstOrDefault(RunFigures.IsGood)?.EndedAt;
        }
        catch (Exception exception) when (exception is PhishMeException or StateDamagedException)
        {
            // The run has said so already.
            return null;
        }
    }
}
