using PhishMe.Engine.Running;
using PhishMe.Intelligence;

namespace PhishMe.Engine;

/// <summary>Where the shells enter the engine: the one composition root.</summary>
public sealed class EngineFactory : IEngineFactory
{
    /// <inheritdoc/>
    public IIntelligenceEngine Create(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new IntelligenceEngine(new EngineSettings { Version = options.Version, SecretResolver = options.SecretResolver, BoundsGarbage = options.OwnsProcess });
    }
}
