using PhishMe.Engine.Api;
using PhishMe.Engine.Running;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>A person at a prompt: a home folder of their own and a session to a simulator.</summary>
internal sealed class InteractiveSession : IAsyncDisposable
{
    public InteractiveSession(ThreatHqSimulator simulator, Func<SessionOptions, SessionOptions>? change = null)
    {
        Home = Directory.CreateTempSubdirectory("phishme-home-").FullName;
        Engine = new IntelligenceEngine(new EngineSettings
        {
            Version = "1.0.0",
            Home = Home,
            // Waiting is not what these tests are about.
            Timings = new ApiTimings { FirstDelay = TimeSpan.FromMilliseconds(1), LongestDelay = TimeSpan.FromMilliseconds(5) },
        });
        var options = new SessionOptions { BaseUri = simulator.BaseUri, User = simulator.User, Password = simulator.Password };
        Port = Engine.Connect(change is null ? options : change(options));
    }

    public string Home { get; }

    public IIntelligenceEngine Engine { get; }

    public IIntelligenceSession Port { get; }

    /// <summary>Takes so many threats of a sync as a consumer does, and stops there; all of them when null.</summary>
    public async Task<List<Threat>> SyncAsync(DateTimeOffset? since = null, int? take = null, string? store = null)
    {
        var taken = new List<Threat>();
        using var sync = Port.OpenSync(NamedPosition.DefaultName, since, store);
        await foreach (var batch in sync.ReadAsync(progress: null, TestContext.Current.CancellationToken))
        {
            foreach (var threat in batch.Threats)
            {
                taken.Add(threat);
                sync.Take(threat);
                if (taken.Count == take)
                {
                    return taken;
                }
            }
        }

        return taken;
    }

    public static async Task<(List<Threat> Threats, List<MissedThreat> Missed)> ReadAllAsync(IAsyncEnumerable<ThreatBatch> batches)
    {
        var threats = new List<Threat>();
        var missed = new List<MissedThreat>();
        await foreach (var batch in batches)
        {
            threats.AddRange(batch.Threats);
            missed.AddRange(batch.Missed);
        }

        return (threats, missed);
    }

    public async ValueTask DisposeAsync()
    {
        await Port.DisposeAsync();
        Directory.Delete(Home, recursive: true);
    }
}
