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
    private readonly ReaderRegister _readers;
    private readonly Diary _diary;
    private readonly OtlpCollector _collector;
    private readonly OtlpExport _export;
    private readonly CancellationTokenSource _stop = new();
    private Task _work = Task.CompletedTask;
    private bool _isFailing;

    /// <summary>Begins to count, before there are requests.</summary>
    public FigureExport(OtlpSettings settings, ServedInstallation installation, StatusReader status, ServerMeter meter, ReaderRegister readers, Diary diary)
    {
        ArgumentNullException.ThrowIfNull(installation);
        ArgumentNullException.ThrowIfNull(meter);
        (_installation, _status, _readers, _diary) = (installation, status, readers, diary);
        var engine = installation.Engine;
        _collector = new OtlpCollector(settings, installation.Settings.Proxy, engine.Version, engine.Clock);
        _export = new OtlpExport(_collector, OtlpSource.Of(OtlpSource.ServerService, installation.Settings, engine.Version), meter.Instruments);
    }

    /// <summary>Begins to send.</summary>
    public void Begin() => _work = Task.Run(() => WorkAsync(_stop.Token));

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

        _export.Dispose();
        _collector.Dispose();
        _stop.Dispose();
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_interval, _installation.Engine.Clock);
        do
        {
            var figures = await FiguresAsync(cancellationToken);
            var problem = await _export.TryExportAsync(figures, _limit, cancellationToken);
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
        IReadOnlyList<Figure> ofServer = [.. ReaderFigures.Of(_readers.All)];
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
