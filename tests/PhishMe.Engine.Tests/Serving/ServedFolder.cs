using System.Net.Http.Headers;
using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Running;
using PhishMe.Engine.Tests.Configuration;
using PhishMe.Engine.Tests.Store;
using PhishMe.Server;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Serving;

/// <summary>The server over the store of a folder, at free ports of 127.0.0.1.</summary>
internal sealed class ServedFolder : IAsyncDisposable
{
    /// <summary>Both servers, for this machine alone and without credentials.</summary>
    public const string BothServers = """

        [feed_server]
        use = True
        listen = http://127.0.0.1:0/

        [taxii_server]
        use = True
        listen = http://127.0.0.1:0/

        """;

    private readonly StringWriter _log = new();

    private ServedFolder(StoreFolder store) => Store = store;

    public StoreFolder Store { get; }

    public PhishMeServer Server { get; private set; } = null!;

    /// <summary>What the server wrote so far.</summary>
    public string Log => _log.ToString();

    /// <summary>A client of the feed server.</summary>
    public HttpClient Feed { get; private set; } = null!;

    /// <summary>A client of the TAXII server.</summary>
    public HttpClient Taxii { get; private set; } = null!;

    /// <summary>Starts the server.</summary>
    /// <param name="fill">Fills the store first; null for a folder without a state file.</param>
    /// <param name="sections">The sections of config.ini besides the credentials and the store.</param>
    /// <param name="engine">What the composition decides otherwise.</param>
    public static async Task<ServedFolder> StartAsync(Action<StoreFolder>? fill = null, string sections = BothServers, EngineSettings? engine = null)
    {
        var store = new StoreFolder();
        var folder = new ServedFolder(store);
        try
        {
            fill?.Invoke(store);
            await folder.StartAsync(Read(store, sections, engine ??= new EngineSettings()), engine);
            return folder;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Serves an installation with the sections that it has; the installation stays its owner's.</summary>
    public static async Task<ServedFolder> StartAsync(Installation installation, EngineSettings? engine = null)
    {
        ArgumentNullException.ThrowIfNull(installation);
        var folder = new ServedFolder(new StoreFolder());
        try
        {
            await folder.StartAsync(Read(installation.ConfigurationPath, engine ??= new EngineSettings()), engine);
            return folder;
        }
        catch
        {
            folder.Store.Dispose();
            throw;
        }
    }

    /// <summary>The configuration that is served, with errors as an exception.</summary>
    public static IntegrationSettings Read(StoreFolder store, string sections, EngineSettings engine)
    {
        var path = store.InFolder("config.ini");
        File.WriteAllText(path, $"{ConfigurationFolder.Credentials}[local_sqlite]\nuse = True\ndb = state.db\n{sections}");
        return Read(path, engine);
    }

    public static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    public async ValueTask DisposeAsync()
    {
        Feed?.Dispose();
        Taxii?.Dispose();
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        Store.Dispose();
    }

    private static IntegrationSettings Read(string path, EngineSettings engine)
    {
        var reading = ConfigurationReader.Read(path, engine.Reading);
        return reading.Settings ?? throw new InvalidOperationException(string.Join('\n', reading.Findings));
    }

    private async Task StartAsync(IntegrationSettings settings, EngineSettings engine)
    {
        var installation = new ServedInstallation(engine, settings);
        Server = await PhishMeServer.StartAsync(installation, new Diary(TextWriter.Synchronized(_log), engine.Clock), TestContext.Current.CancellationToken);
        Feed = Client(Server.FeedAddress);
        Taxii = Client(Server.TaxiiAddress);
    }

    private static HttpClient Client(Uri? address) =>
        new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = address };
}
