using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;
using PhishMe.Server.Listening;

namespace PhishMe.Server;

/// <summary>The server: one listener for each section in use. The composition root of what is served.</summary>
internal sealed class PhishMeServer : IAsyncDisposable
{
    private readonly IReadOnlyList<Listener> _listeners;

    private PhishMeServer(IReadOnlyList<Listener> listeners) => _listeners = listeners;

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

        var started = new List<Listener>();
        try
        {
            foreach (var (settings, endpoints) in Plan(installation))
            {
                started.Add(await Listener.StartAsync(settings, endpoints, diary, cancellationToken));
                diary.Write($"[{settings.Section}] listens at {started[^1].Address}");
            }

            return new PhishMeServer(started);
        }
        catch
        {
            await StopAsync(started);
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync(_listeners);

    /// <summary>Which endpoints are served where.</summary>
    private static IEnumerable<(ListenerSettings Settings, IReadOnlyList<IEndpoints> Endpoints)> Plan(ServedInstallation installation)
    {
        if (installation.Settings.Servers.Feed is FeedServerSettings feed)
        {
            yield return (feed.Listener, [.. Status(feed.Listener)]);
        }

        if (installation.Settings.Servers.Taxii is TaxiiServerSettings taxii)
        {
            yield return (taxii.Listener, [.. Status(taxii.Listener)]);
        }

        static IEnumerable<IEndpoints> Status(ListenerSettings listener) => listener.ShowsStatus ? [] : [];
    }

    private static async Task StopAsync(IReadOnlyList<Listener> listeners)
    {
        foreach (var listener in listeners)
        {
            await listener.DisposeAsync();
        }
    }

    private Uri? AddressOf(string section) => _listeners.FirstOrDefault(listener => listener.Section == section)?.Address;
}
