using PhishMe.Engine.Configuration;
using PhishMe.Engine.Lookup;
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

    public IIntelligenceStore OpenStore(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return IntelligenceStore.Open(path, settings.Clock);
    }

    public IIntelligenceStore OpenConfiguredStore(string configurationPath)
    {
        ConfigurationReading reading = ConfigurationReader.Read(configurationPath, settings.SecretResolver);
        return reading.Settings is IntegrationSettings found
            ? OpenStore(found.State.File)
            : throw new PhishMeException(reading.Fault!.Kind, reading.Fault.Message, reading.Fault.Where);
    }
}
