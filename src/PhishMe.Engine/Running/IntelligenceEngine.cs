using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Feeds;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Lookup;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Running.Checking;
using PhishMe.Engine.Running.Publishing;
using PhishMe.Engine.Running.Sessions;
using PhishMe.Engine.Serving;
using PhishMe.Engine.Serving.Pages;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>The engine behind the port. Cheap to make: nothing is opened before it is asked to do something.</summary>
internal sealed class IntelligenceEngine(EngineSettings settings) : IIntelligenceEngine
{
    public IPositionShelf Positions => new PositionShelf(settings);

    public IIntelligenceSession Connect(SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return IntelligenceSession.Open(settings, options);
    }

    public ConfigurationReport TestConfiguration(string path) => ConfigurationReader.Read(path, settings.Reading).ToReport();

    public IAsyncEnumerable<CheckResult> CheckAsync(string path, CancellationToken cancellationToken) =>
        new Checkup(settings, path).RunAsync(cancellationToken);

    public Task<RunSummary> RunAsync(RunRequest request, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new IntegrationRun(settings, request, progress).RunAsync(cancellationToken);
    }

    public Task<IReadOnlyList<DestinationStatus>> GetDestinationsAsync(string configurationPath, CancellationToken cancellationToken) =>
        new DestinationAdministration(settings, configurationPath).ListAsync(cancellationToken);

    public IAsyncEnumerable<CheckResult> CheckDestinationsAsync(string configurationPath, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(names);
        return new DestinationAdministration(settings, configurationPath).CheckAsync(names, cancellationToken);
    }

    public Task<PublishResult> PublishAsync(PublishRequest request, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new ThreatPublishing(settings, request, progress).RunAsync(cancellationToken);
    }

    public IReadOnlyList<string> GetDestinationNames(string configurationPath) => new DestinationAdministration(settings, configurationPath).Names;

    public Task<DestinationStatus> ResetDestinationAsync(string configurationPath, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        return new DestinationAdministration(settings, configurationPath).ResetAsync(id, cancellationToken);
    }

    public IReadOnlyList<DeadLetterRecord> GetDeadLetters(string configurationPath) => Look<DeadLetterRecord>(configurationPath, async state =>
    [
        .. (await state.GetDeadLettersAsync(CancellationToken.None).ConfigureAwait(false)).Select(letter => new DeadLetterRecord
        {
            Subject = letter.Subject,
            Id = letter.Place.Threat,
            Kind = letter.Place.Kind,
            Destination = letter.Destination?.ToString(),
            Format = letter.Format,
            Reason = letter.Reason,
            Payload = letter.Payload is byte[] payload ? Encoding.UTF8.GetString(payload) : null,
            Attempts = letter.Attempts,
            FirstFailedAt = letter.FirstFailedAt,
            LastTriedAt = letter.LastTriedAt,
            DueAt = letter.DueAt,
        }),
    ]);

    public IReadOnlyList<RunSummary> GetRuns(string configurationPath, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        return Look<RunSummary>(configurationPath, async state => [.. (await state.GetRunSummariesAsync(most, CancellationToken.None).ConfigureAwait(false)).Select(RunSummaryJson.Read).OfType<RunSummary>()]);
    }

    public async Task<string> GetDashboardAsync(string configurationPath, CancellationToken cancellationToken)
    {
        using var reader = new StatusReader(this, configurationPath, settings.Clock, new StoreCount(this, configurationPath));
        return StatusPage.Of(await reader.ReadAsync(cancellationToken).ConfigureAwait(false), PageLinks.None, [], []);
    }

    public IThreatRenderer CreateRenderer(RenderingOptions options) => FormatCatalogue.CreateRenderer(options);

    public IReadOnlyList<FeedDescription> Feeds => FeedCatalogue.Descriptions;

    public IFeedWriter CreateFeedWriter(FeedOptions options) => FeedCatalogue.CreateWriter(options, settings.Clock, settings.Files);

    public Threat ReadThreat(ReadOnlyMemory<byte> json) => ThreatReader.Read(json);

    public IEventSender CreateEventSender(SyslogCollector target) => new EventSender(CollectorEndpoints.Endpoint(target));

    public IEventSender CreateEventSender(string configurationPath) =>
        new EventSender(CollectorEndpoints.Endpoint(ConfigurationReader.Read(configurationPath, settings.Reading)));

    public void CreateConfiguration(NewConfiguration configuration) => ConfigurationCreation.Write(configuration, ConfigurationSchema.Of(settings.Products));

    /// <summary>Without the lock: looking must be possible while a run is under way.</summary>
    private IReadOnlyList<T> Look<T>(string configurationPath, Func<IStateStore, Task<IReadOnlyList<T>>> read)
    {
        var reading = ConfigurationReader.Read(configurationPath, settings.Reading);
        var location = reading.Settings?.State.Location
            ?? throw new PhishMeException(reading.Fault!.Kind, reading.Fault.Message, reading.Fault.Where);
        // Nothing to look at before the first run; an empty file is one that a run is just making.
        if (!settings.States.Exists(location))
        {
            return [];
        }

        try
        {
            using var state = settings.States.OpenReadOnly(location);
            return read(state).GetAwaiter().GetResult();
        }
        catch (StateDamagedException exception)
        {
            throw new PhishMeException(Faults.StateUnavailable, "The state file is damaged; the next run sets it aside and rebuilds it.", location.Name, exception);
        }
    }

    public IIntelligenceStore OpenStore(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return OpenStore(StateLocation.OfFile(path));
    }

    public IIntelligenceStore OpenSharedStore(string connection) =>
        OpenStore(new StateLocation { File = string.Empty, Shared = ConnectionParameter.Read(connection, settings.Reading) });

    public StateCopySummary CopyState(StateCopyRequest request, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new StateCopying(settings, request, progress).Run(cancellationToken);
    }

    private IntelligenceStore OpenStore(StateLocation location) => IntelligenceStore.Open(settings.States.StoreAt(location), settings.Clock);

    public IIntelligenceStore OpenConfiguredStore(string configurationPath)
    {
        var reading = ConfigurationReader.Read(configurationPath, settings.Reading);
        return reading.Settings is IntegrationSettings found
            ? OpenStore(found.State.Location)
            : throw new PhishMeException(reading.Fault!.Kind, reading.Fault.Message, reading.Fault.Where);
    }
}
