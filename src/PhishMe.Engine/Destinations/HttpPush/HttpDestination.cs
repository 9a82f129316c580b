using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>A product that threats are pushed to over HTTP.</summary>
/// <param name="settings">How to talk to it.</param>
/// <param name="authentication">The credentials.</param>
/// <param name="profile">What is particular to it.</param>
/// <param name="host">The run.</param>
internal sealed class HttpDestination(HttpTargetSettings settings, IHttpAuthentication authentication, IHttpProfile profile, DestinationHost host) : IQueuedDestination
{
    // What a product keeps is a set, so that only the newest version matters; what it reads as a stream is not to be lost either.
    public QueueLimit Limit { get; } = new(settings.QueueMegabytes * 1024L * 1024L, QueueOverflow.FallBehind);

    public IEnumerable<QueueItem> Compose(Delivery delivery) => profile.Compose(delivery);

    public KindCounts Count(Delivery delivery) => profile.Choice?.Count(delivery) ?? KindCounts.None;

    public IEnumerable<QueueItem> ComposeEndOfRun(string runId, DateTimeOffset now) => profile.ComposeEndOfRun();

    public IQueueSender CreateSender()
    {
        var target = new HttpTarget(settings with { Proxy = host.Proxy }, authentication, $"PhishMe.PowerShell/{host.Version} ({host.Id})", host.Clock, host.Log)
        {
            BeforeChange = host.ConfirmLease,
        };
        return new HttpQueueSender(target, profile, host.Ledger, settings.Rest, host.Clock, host.Step);
    }
}
