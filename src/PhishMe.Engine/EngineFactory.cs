using PhishMe.Intelligence;

namespace PhishMe.Engine;

/// <summary>Where the shells enter the engine.</summary>
public sealed class EngineFactory : IEngineFactory
{
    /// <inheritdoc/>
    public IIntelligenceEngine Create(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PlaceholderEngine();
    }

    // Holds the port open until the engine is in: it knows whether the file exists, and nothing else.
    private sealed class PlaceholderEngine : IIntelligenceEngine
    {
        public ConfigurationReport TestConfiguration(string path) =>
            File.Exists(path) ? new ConfigurationReport { Path = path, Findings = [] } : throw NotFound(path);

        public async IAsyncEnumerable<CheckResult> CheckAsync(
            string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            bool exists = File.Exists(path);
            yield return new CheckResult
            {
                Subject = "Configuration",
                Outcome = exists ? CheckOutcome.Pass : CheckOutcome.Fail,
                Message = exists ? path : NotFound(path).Fault.ToString(),
            };
        }

        public Task<RunSummary> RunAsync(RunRequest request, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
        {
            DateTimeOffset now = DateTimeOffset.UtcNow;
            PhishMeException fault = File.Exists(request.ConfigurationPath)
                ? new PhishMeException(Faults.Unexpected, "This build holds no engine.")
                : NotFound(request.ConfigurationPath);
            return Task.FromResult(new RunSummary
            {
                RunId = string.Empty,
                ConfigurationPath = request.ConfigurationPath,
                StartedAt = now,
                EndedAt = now,
                ExitCode = fault.Fault.Kind.ExitCode,
                Fault = fault.Fault,
                DryRun = request.DryRun,
            });
        }

        private static PhishMeException NotFound(string path) =>
            new(Faults.ConfigurationNotFound, "The configuration file does not exist.", path);
    }
}
