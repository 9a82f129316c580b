using PhishMe.Engine.Configuration;
using PhishMe.Engine.Serving;
using PhishMe.Engine.Serving.Feeds;
using PhishMe.Engine.Serving.Readers;
using PhishMe.Intelligence;
using PhishMe.Server.Feeds;
using PhishMe.Server.Listening;
using PhishMe.Server.Status;

namespace PhishMe.Server;

/// <summary>The server: one listener for each section in use. The composition root of what is served.</summary>
internal sealed class PhishMeServer : IAsyncDisposable
{
    private readonly List<Listener> _listeners = [];
    private readonly List<IDisposable> _owned = [];
    private readonly ReaderRegister _readers = new();
    private FigureExport? _export;

    private PhishMeServer()
    {
    }

    /// <summary>Where the feed server listens; null when it is not in use.</summary>
    public Uri? FeedAddress => AddressOf(ServerKeys.FeedSection);

    /// <summary>Where the TAXII server listens; null when it is not in use.</summary>
    public Uri? TaxiiAddress => AddressOf(ServerKeys.TaxiiSection);

    /// <summary>Starts to listen.</summary>
    /// <exception cref="PhishMeException">Nothing is to be served (<see cref="Faults.ConfigurationInvalid"/>), an address cannot be had or a certificate
    /// cannot be read (<see cref="Faults.ServerNotStarted"/>).</exception>
    public static async Task<PhishMeServer> StartAsync(ServedInstallation installation, Diary diary, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(installation);
        ArgumentNullException.ThrowIfNull(diary);
        var servers = installation.Settings.Servers;
        if (servers is { Feed: null, Taxii: null })
        {
            throw new PhishMeException(
                Faults.ConfigurationInvalid, "Nothing is to be served. Set use = True in [feed_server] or [taxii_server].", installation.Settings.Path);
        }

        var server = new PhishMeServer();
        try
        {
            var meter = server.Own(new ServerMeter());
            var store = new StoreCount(installation.Port, installation.Settings.Path);
            var counts = new BackgroundCount(store.Read, installation.Engine.Clock);
            if (servers is { Feed.Listener.ShowsStatus: true } or { Taxii.Listener.ShowsStatus: true })
            {
                counts.Begin();
            }

            var status = server.Own(new StatusReader(installation.Port, installation.Settings.Path, installation.Engine.Clock, counts));
            if (installation.Settings.Metrics.Otlp is OtlpSettings collector)
            {
                server._export = new FigureExport(collector, installation, status, meter, server._readers, diary);
            }

            foreach (var (settings, endpoints) in server.Plan(installation, status, meter, diary))
            {
                server._listeners.Add(await Listener.StartAsync(settings, endpoints, meter, diary, cancellationToken));
                diary.Write($"[{settings.Section}] listens at {server._listeners[^1].Address}");
            }

            server._export?.Begin();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_export is not null)
        {
            await _export.DisposeAsync();
        }

        foreach (var listener in _listeners)
        {
            await listener.DisposeAsync();
        }

        _owned.ForEach(owned => owned.Dispose());
    }

    /// <summary>Which endpoints are served where.</summary>
    private IEnumerable<(ListenerSettings Settings, IReadOnlyList<IEndpoints> Endpoints)> Plan(ServedInstallation installation, StatusReader status, ServerMeter meter, Diary diary)
    {
        if (installation.Settings.Servers.Feed is FeedServerSettings feed)
        {
            var feeds = ServedFeeds.Of(installation.Settings);
            foreach (var file in feeds.LeftOut)
            {
                diary.Write($"[{ServerKeys.FeedSection}] {file} is not served: it is outside of root, or another file has its address.");
            }

            yield return (feed.Listener, [new FeedEndpoints(feeds, _readers, installation.Engine.Clock), .. Status(feed.Listener, feeds)]);
        }

        if (installation.Settings.Servers.Taxii is TaxiiServerSettings taxii)
        {
            yield return (taxii.Listener, [Own(new TaxiiEndpoints(installation, taxii, _readers, diary)), .. Status(taxii.Listener, null)]);
        }

        IEnumerable<IEndpoints> Status(ListenerSettings listener, ServedFeeds? feeds) =>
            listener.ShowsStatus ? [Own(new StatusEndpoints(installation, status, meter, _readers, feeds))] : [];
    }

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    private Uri? AddressOf(string section) => _listeners.FirstOrDefault(listener => listener.Section == section)?.Address;
}
