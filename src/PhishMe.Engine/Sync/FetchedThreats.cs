using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Sync;

/// <summary>What a fetch brought: threats, what was set aside, and the bodies their bytes are slices of.</summary>
internal sealed class FetchedThreats : IDisposable
{
    public List<ThreatUnit> Threats { get; } = [];

    public List<DeadLetter> SetAside { get; } = [];

    public List<IDisposable> Bodies { get; } = [];

    public void Dispose()
    {
        foreach (var body in Bodies)
        {
            body.Dispose();
        }
    }
}
