using System.Security.Cryptography.X509Certificates;
using System.Text;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Simulator.Products;
using Serilog;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

/// <summary>A simulated product, and senders to it that do not wait long between tries. The ledger is in memory and lives as long as this.</summary>
internal sealed class PushedTo : IAsyncDisposable
{
    private PushedTo(ProductServer server, HttpTargetSettings settings)
    {
        Server = server;
        Settings = settings;
    }

    public ProductServer Server { get; }

    public HttpTargetSettings Settings { get; set; }

    public MemoryLedger Ledger { get; } = new();

    public static async Task<PushedTo> StartAsync(ISimulatedProduct product, X509Certificate2? certificate = null)
    {
        var server = await ProductServer.StartAsync(product, certificate);
        return new PushedTo(server, new HttpTargetSettings
        {
            Address = server.Address,
            Section = "integration_test",
            CredentialKeys = "token",
            FirstDelay = TimeSpan.FromMilliseconds(1),
            MaximumTries = 3,
        });
    }

    public HttpTarget Target(IHttpAuthentication authentication, TimeProvider? clock = null, ILogger? log = null) =>
        new(Settings, authentication, "PhishMe.Tests", clock ?? TimeProvider.System, log ?? Serilog.Core.Logger.None);

    public HttpQueueSender Sender(IHttpProfile profile, IHttpAuthentication authentication, TimeProvider? clock = null, ILogger? log = null) =>
        new(Target(authentication, clock, log), profile, Ledger, Settings.Rest, clock ?? TimeProvider.System);

    public static QueueItem Item(string payload, string key = "", DeliveryVerb verb = DeliveryVerb.Upsert) => new()
    {
        Destination = new DestinationId("test"),
        Key = key,
        Verb = verb,
        Payload = Encoding.UTF8.GetBytes(payload),
    };

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
