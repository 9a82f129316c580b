using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Server.Listening;

/// <summary>One address with its endpoints: a Kestrel of its own, so that no path of one server is reached by the credentials of the other.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly WebApplication _application;

    private Listener(string section, WebApplication application, Uri address)
    {
        Section = section;
        _application = application;
        Address = address;
    }

    /// <summary>The section that describes it.</summary>
    public string Section { get; }

    /// <summary>The address, with the port that it got.</summary>
    public Uri Address { get; }

    /// <summary>Starts to listen.</summary>
    /// <exception cref="PhishMeException">The address cannot be had, or the certificate cannot be read (<see cref="Faults.ServerNotStarted"/>).</exception>
    public static async Task<Listener> StartAsync(
        ListenerSettings settings, IReadOnlyList<IEndpoints> endpoints, ServerMeter meter, Diary diary, CancellationToken cancellationToken)
    {
        // Neither environment nor settings files take part: they could open another address.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "phishme-server" });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.AddRoutingCore();
        var certificate = settings.IsEncrypted ? ServerCertificate.Load(settings) : null;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            RequestLimits.Apply(kestrel);
            Bind(kestrel, settings.Address, listen =>
            {
                listen.Protocols = certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                if (certificate is not null)
                {
                    listen.UseHttps(certificate, https => https.HandshakeTimeout = RequestLimits.HandshakeTimeout);
                }
            });
        });
        var application = builder.Build();
        var pipeline = new RequestPipeline(settings, endpoints, meter, diary);
        application.Use(pipeline.GuardAsync);
        foreach (var endpoint in endpoints)
        {
            endpoint.Map(application);
        }

        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException or CryptographicException or InvalidOperationException)
        {
            await application.DisposeAsync();
            throw new PhishMeException(
                Faults.ServerNotStarted, $"The server of [{settings.Section}] cannot listen: {exception.Message}", settings.Address.ToString(), exception);
        }

        return new Listener(settings.Section, application, AddressOf(application, settings));
    }

    public async ValueTask DisposeAsync()
    {
        // Open requests get a moment; a client that reads slowly must not hold the stop up.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(patience.Token);
        await _application.DisposeAsync();
    }

    private static void Bind(KestrelServerOptions kestrel, Uri address, Action<ListenOptions> configure)
    {
        if (IPAddress.TryParse(address.DnsSafeHost, out var ip))
        {
            kestrel.Listen(ip, address.Port, configure);
        }
        else if (address.Port == 0)
        {
            // Two sockets cannot share a port that the system chooses.
            kestrel.Listen(IPAddress.Loopback, 0, configure);
        }
        else
        {
            kestrel.ListenLocalhost(address.Port, configure);
        }
    }

    private static Uri AddressOf(WebApplication application, ListenerSettings settings)
    {
        var bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new UriBuilder(settings.Address) { Port = new Uri(bound.First()).Port }.Uri;
    }
}
