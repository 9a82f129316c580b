using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Delivery.Syslog;
using PhishMe.Engine.Rendering;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>The engine behind the port. Cheap to make: nothing is opened before it is asked to do something.</summary>
internal sealed class IntelligenceEngine(EngineSettings settings) : IIntelligenceEngine
{
    public ConfigurationReport TestConfiguration(string path) => ConfigurationReader.Read(path, settings.SecretResolver).ToReport();

    public IAsyncEnumerable<CheckResult> CheckAsync(string path, CancellationToken cancellationToken) =>
        new Checkup(settings, path).RunAsync(cancellationToken);

    public Task<RunSummary> RunAsync(RunRequest request, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new IntegrationRun(settings, request, progress).RunAsync(cancellationToken);
    }

    public IThreatRenderer CreateRenderer(RenderingOptions options) => ThreatRenderers.Create(options);

    public Threat ReadThreat(ReadOnlyMemory<byte> json) => ThreatReader.Read(json);

    public IEventSender CreateEventSender(EventTarget target) => new EventSender(EventTargets.Endpoint(target));

    public IEventSender CreateEventSender(string configurationPath) =>
        new EventSender(EventTargets.Endpoint(ConfigurationReader.Read(configurationPath, settings.SecretResolver)));

    public void CreateConfiguration(NewConfiguration configuration) => ConfigurationCreation.Write(configuration);
}
