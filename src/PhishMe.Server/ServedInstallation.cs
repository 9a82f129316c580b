using PhishMe.Engine.Configuration;
using PhishMe.Engine.Running;
using PhishMe.Intelligence;

namespace PhishMe.Server;

/// <summary>What is served: a configuration, and the state that it names. Only looked at: a run may be under way at any time.</summary>
/// <param name="Engine">What the composition decides.</param>
/// <param name="Settings">The configuration, as it was when the server started.</param>
internal sealed record ServedInstallation(EngineSettings Engine, IntegrationSettings Settings)
{
    /// <summary>The engine as the shells see it.</summary>
    public IIntelligenceEngine Port { get; } = new IntelligenceEngine(Engine);
}
