using PhishMe.Engine.Configuration;
using PhishMe.Engine.Serving;
using PhishMe.Engine.Serving.Measuring;
using PhishMe.Engine.Serving.Readers;

namespace PhishMe.Server;

/// <summary>
/// Sends the figures of the server to an OpenTelemetry collector, at its start and every minute: what <c>/metrics</c> shows but the figures of runs, which each run
/// sends itself. A collector that does not answer is one line, and one when it is back.
/// </summary>
internal sealed class FigureExport : IAsyncDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);

    private readonly ServedInstallation _installation;
    private readonly StatusReader _status;
    private readonly ServerMeter _meter;
    private readonly ReaderRegister _readers;
    private readonly Diary _diary;
    private readonly OtlpCollector _collector;
    private readonly OtlpSource _source;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private bool _isFailing;

    /// <summary>Begins.</summary>
    public FigureExport(OtlpSettings settings, ServedInstallation installation, StatusReader status, ServerMeter meter, ReaderRegister readers, Diary diary)
    {
        ArgumentNullException.ThrowIfNull(installation);
        (_installation, _status, _meter, _readers, _diary) = (installation, status, meter, readers, diary);
        var engine = installation.Engine;
        _collector = new OtlpCollector(settings, installation.Settings.Proxy, engine.Version, engine.Clock);
        _source = OtlpSource.Of(OtlpSource.ServerService, installation.Settings, engine.Version, engine.Clock.GetUtcNow());
        _work = Task.Run(() => WorkAsync(_stop.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _work;
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }

        _collector.Dispose();
        _stop.Dispose();
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_interval, _installation.Engine.Clock);
        do
        {
            var figures = await FiguresAsync(cancellationToken);
            var request = OtlpMetrics.Of(_source, figures, _installation.Engine.Clock.GetUtcNow());
            var problem = await _collector.TrySendAsync(request, _limit, cancellationToken);
            if (problem is not null != _isFailing)
            {
                _isFailing = problem is not null;
                _diary.Write(problem ?? $"[{MetricsKeys.SectionName}] The collector takes figures again.");
            }

            _installation.Engine.Step?.Invoke("figures-exported");
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task<IReadOnlyList<Figure>> FiguresAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Figure> ofServer = [.. _meter.Figures, .. ReaderFigures.Of(_readers.All)];
        try
        {
            return [.. StatusFigures.SinceLastRun(await _status.ReadAsync(cancellationToken)), .. ofServer];
        }
#pragma warning disable CA1031 // A state that cannot be read, for whatever reason, has no figures at present; those of the server are sent all the same.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return ofServer;
        }
    }
}
