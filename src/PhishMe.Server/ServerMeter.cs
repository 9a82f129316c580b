using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using PhishMe.Engine.Serving.Measuring;

namespace PhishMe.Server;

/// <summary>
/// Measures requests with the instruments of .NET, so that any listener of them - the page of figures, OpenTelemetry, dotnet-counters - sees the same.
/// </summary>
internal sealed class ServerMeter : IDisposable
{
    /// <summary>The name that listeners ask for.</summary>
    public const string Name = "PhishMe.Server";

    // One name for each, whichever way it takes.
    private const string Requests = "phishme_server_requests_total";
    private const string RequestsHelp = "Requests that were answered, by section and status.";
    private const string Seconds = "phishme_server_request_seconds_total";
    private const string SecondsHelp = "Seconds spent on answers, by section.";

    private readonly MeterListener _listener = new();
    private readonly Counter<long> _requests;
    private readonly Counter<double> _seconds;
    private readonly ConcurrentDictionary<(string Section, string Status), double> _counted = new();
    private readonly ConcurrentDictionary<string, double> _spent = new();

    public ServerMeter()
    {
        _requests = Instruments.CreateCounter<long>(Requests, unit: null, RequestsHelp);
        _seconds = Instruments.CreateCounter<double>(Seconds, unit: null, SecondsHelp);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, Instruments))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => _counted.AddOrUpdate((Tag(tags, "section"), Tag(tags, "status")), value, (_, old) => old + value));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, _) => _spent.AddOrUpdate(Tag(tags, "section"), value, (_, old) => old + value));
        _listener.Start();
    }

    /// <summary>The instruments.</summary>
    public Meter Instruments { get; } = new(Name);

    /// <summary>What was measured since the server started.</summary>
    public IEnumerable<Figure> Figures
    {
        get
        {
            yield return new Figure(Requests, RequestsHelp,
            [
                .. _counted.OrderBy(one => one.Key).Select(one => new FigureSample(one.Value) { Labels = [new("section", one.Key.Section), new("status", one.Key.Status)] }),
            ])
            { IsCounter = true };
            yield return new Figure(Seconds, SecondsHelp,
            [
                .. _spent.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => new FigureSample(Math.Round(one.Value, 6)) { Labels = [new("section", one.Key)] }),
            ])
            { IsCounter = true };
        }
    }

    /// <summary>Counts a request.</summary>
    /// <param name="section">The section whose server answered.</param>
    /// <param name="status">The status of the answer.</param>
    /// <param name="time">How long it took.</param>
    public void Count(string section, int status, TimeSpan time)
    {
        _requests.Add(1, new("section", section), new("status", status.ToString(CultureInfo.InvariantCulture)));
        _seconds.Add(time.TotalSeconds, new KeyValuePair<string, object?>("section", section));
    }

    public void Dispose()
    {
        _listener.Dispose();
        Instruments.Dispose();
    }

    private static string Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == name)
            {
                return (string?)tag.Value ?? string.Empty;
            }
        }

        return string.Empty;
    }
}
