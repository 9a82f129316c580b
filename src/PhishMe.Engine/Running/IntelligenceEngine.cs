using PhishMe.Engine.Configuration;
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

    public ConfigurationReport TestConfiguration(string path) => ConfigurationReader.Read(path, settings.SecretResolver).ToReport();

    public IAsyncEnumerable<CheckResult> CheckAsync(string path, CancellationToken cancellationToken) =>
        new Checkup(settings, path).RunAsync(cancellationToken);

    public Task<RunSummary> RunAsync(RunRequest request, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new IntegrationRun(settings, request, progress).RunAsync(cancellationToken);
    }
}
