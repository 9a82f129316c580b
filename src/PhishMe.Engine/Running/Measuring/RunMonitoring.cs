using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Files;
using PhishMe.Engine.Serving.Measuring;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Measuring;

/// <summary>[local_metrics]: the figures of a run, for the file of node_exporter and for an OpenTelemetry collector. After the run, when others may run again.</summary>
internal sealed class RunMonitoring(EngineSettings engine)
{
    /// <summary>How long a run waits for a collector.</summary>
    internal static readonly TimeSpan CollectorLimit = TimeSpan.FromSeconds(3);

    /// <summary>How many runs are looked through for the last good one: about ten days.</summary>
    private const int RunsToLookThrough = 1000;

    /// <summary>Hands on the figures of a run.</summary>
    /// <returns>What was not taken, and why; a sentence each.</returns>
    public async Task<IReadOnlyList<string>> ReportAsync(IntegrationSettings settings, RunSummary summary, CancellationToken cancellationToken)
    {
        if (settings.Metrics is { TextFile: null, Otlp: null })
        {
            return [];
        }

        Figure[] figures = [.. RunFigures.Of(summary, await LastSuccessAsync(settings, summary).ConfigureAwait(false))];
        string?[] problems =
        [
            settings.Metrics.TextFile is string file ? TryWrite(file, figures) : null,
            settings.Metrics.Otlp is OtlpSettings collector ? await TrySendAsync(collector, settings, figures, cancellationToken).ConfigureAwait(false) : null,
        ];
        return [.. problems.OfType<string>()];
    }

    /// <summary>The file is replaced as a whole, so that a reader never has half of it.</summary>
    private string? TryWrite(string file, IReadOnlyList<Figure> figures)
    {
        try
        {
            var text = PrometheusText.Of(figures);
            AtomicFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(text)), new PatientFiles(engine.Clock, engine.Files));
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"The figures of the run cannot be written to {file}: {exception.Message} Correct textfile in [local_metrics].";
        }
    }

    private async Task<string?> TrySendAsync(OtlpSettings settings, IntegrationSettings integration, IReadOnlyList<Figure> figures, CancellationToken cancellationToken)
    {
        try
        {
            using var collector = new OtlpCollector(settings, integration.Proxy, engine.Version, engine.Clock);
            using var export = new OtlpExport(collector, OtlpSource.Of(OtlpSource.RunService, integration, engine.Version));
            return await export.TryExportAsync(figures, CollectorLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A run that is stopped does not wait for a collector.
            return null;
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
