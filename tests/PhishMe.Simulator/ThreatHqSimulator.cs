using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using PhishMe.Simulator.Catalog;
using PhishMe.Simulator.Generation;
using PhishMe.Simulator.Http;

namespace PhishMe.Simulator;

/// <summary>
/// The ThreatHQ API over real HTTP on loopback, with invented threats that are the same for the same seed. Threats can be published, changed and withdrawn
/// while it runs, and answers can be made to go wrong.
/// </summary>
public sealed class ThreatHqSimulator : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ThreatGenerator _generator;
    private readonly ThreatCatalog _catalog;
    private readonly ThreatHqApi _api;
    private readonly ChangelogPaging _paging = new();
    private readonly FaultBook _faults = new();
    private readonly GateBook _gates = new();
    private readonly LimitBook _limits;
    private readonly Credentials _credentials;
    private int _disposed;

    private ThreatHqSimulator(SimulatorOptions options)
    {
        Options = options;
        Requests = new RequestLog(options.Clock);
        _generator = new ThreatGenerator(options.Seed);
        _catalog = new ThreatCatalog(options, _generator);
        _api = new ThreatHqApi(options, _catalog, _generator, _paging);
        _credentials = new Credentials(options.User, options.Password);
        _limits = new LimitBook(options.Limits, options.Clock);
        var pipeline = new ApiPipeline(options, _api, _catalog, Requests, _faults, _gates, _limits, _credentials);
        var steering = new SteeringEndpoints(this, _gates);
        _application = Build(options);
        _application.Run(context => context.Request.Path.Value?.StartsWith(SteeringEndpoints.Root, StringComparison.Ordinal) == true
            ? steering.HandleAsync(context, _stopping.Token)
            : pipeline.HandleAsync(context, _stopping.Token));
        BaseUri = new Uri("about:blank");
    }

    /// <summary>What it was started with.</summary>
    public SimulatorOptions Options { get; }

    /// <summary>Base URL as a configuration names it, such as <c>http://127.0.0.1:8080/apiv1</c>.</summary>
    public Uri BaseUri { get; private set; }

    /// <summary>User name that is let in.</summary>
    public string User => _credentials.User;

    /// <summary>Password that is let in now; a fault can change it.</summary>
    public string Password => _credentials.Password;

    /// <summary>What it was asked.</summary>
    public RequestLog Requests { get; }

    /// <summary>The threats that are published now, oldest publication first.</summary>
    public IReadOnlyList<(string Type, long Id)> Threats => [.. _catalog.All().Select(threat => (threat.Key.Type, threat.Key.Id))];

    /// <summary>The position behind the last change.</summary>
    public string CurrentPosition => _api.CurrentPosition;

    /// <summary>Largest number of changes in one answer of the changelog; 1000 on the real server.</summary>
    public int ChangelogPageSize
    {
        get => _paging.Size;
        set => _paging.Size = value;
    }

    /// <summary>The same for the next answer only; 0 when nothing is set.</summary>
    public int NextChangelogPageSize
    {
        get => _paging.Once;
        set => _paging.Once = value;
    }

    /// <summary>What the server can take from now on.</summary>
    public HostLimits Limits
    {
        get => _limits.Limits;
        set => _limits.Limits = value;
    }

    /// <summary>Starts a simulator; when this returns, it answers.</summary>
    public static async Task<ThreatHqSimulator> StartAsync(SimulatorOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var simulator = new ThreatHqSimulator(options);
        try
        {
            await simulator._application.StartAsync(cancellationToken);
            var address = simulator._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            simulator.BaseUri = new Uri(address.TrimEnd('/') + "/apiv1");
            return simulator;
        }
        catch
        {
            await simulator.DisposeAsync();
            throw;
        }
    }

    /// <summary>Publishes new generated threats, dated now.</summary>
    public IReadOnlyList<(string Type, long Id)> Publish(int count) => [.. _catalog.Publish(count).Select(key => (key.Type, key.Id))];

    /// <summary>Publishes a document, new or in place of an old one. Its dates stay as they are; the changelog says now.</summary>
    public (string Type, long Id) Publish(JsonObject document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Publish(DocumentEditor.Write(document));
    }

    /// <summary>Publishes a document given as UTF-8 bytes. White space goes, all else stays as written.</summary>
    public (string Type, long Id) Publish(ReadOnlyMemory<byte> document)
    {
        var key = _catalog.Publish(document);
        return (key.Type, key.Id);
    }

    /// <summary>Publishes a threat again with other content: one indicator goes, another comes, the date moves.</summary>
    /// <param name="id">Such as <c>m_1</c>.</param>
    public void Republish(string id) => _catalog.Republish(ThreatKey.Parse(id), changeContent: true, moveDate: true);

    /// <summary>Announces a threat again that has not changed.</summary>
    /// <param name="id">Such as <c>m_1</c>.</param>
    /// <param name="moveDate">Whether at least the date of its latest publication moves.</param>
    public void RepublishUnchanged(string id, bool moveDate = true) => _catalog.Republish(ThreatKey.Parse(id), changeContent: false, moveDate);

    /// <summary>Takes a threat back: it is gone, and the changelog says so.</summary>
    /// <param name="id">Such as <c>m_1</c>.</param>
    public void Withdraw(string id) => _catalog.Withdraw(ThreatKey.Parse(id));

    /// <summary>Publishes a withdrawn threat again.</summary>
    /// <param name="id">Such as <c>m_1</c>.</param>
    public void Restore(string id) => _catalog.Restore(ThreatKey.Parse(id));

    /// <summary>The object of a threat, exactly as search and detail answers contain it now.</summary>
    public ReadOnlyMemory<byte> Json(string type, long id) => Json(ThreatKey.Of(type, id));

    /// <summary>The object of a threat named like <c>m_1</c>.</summary>
    public ReadOnlyMemory<byte> Json(string id) => Json(ThreatKey.Parse(id));

    /// <summary>The CEF lines of a threat, exactly as they are served now: separated by line feeds, none at the end.</summary>
    public string Cef(string type, long id) => _api.Cef(Find(ThreatKey.Of(type, id)));

    /// <summary>The CEF lines of a threat named like <c>m_1</c>.</summary>
    public string Cef(string id) => _api.Cef(Find(ThreatKey.Parse(id)));

    /// <summary>The STIX package of a threat, exactly as it is served now.</summary>
    public string Stix(string type, long id) => _api.Stix(Find(ThreatKey.Of(type, id)));

    /// <summary>The STIX package of a threat named like <c>m_1</c>.</summary>
    public string Stix(string id) => _api.Stix(Find(ThreatKey.Parse(id)));

    /// <summary>Makes answers go wrong. Of several rules that apply to a request the one injected first acts.</summary>
    public void Inject(FaultRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        _faults.Add(rule);
    }

    /// <summary>Forgets all faults that are still to happen.</summary>
    public void ClearFaults() => _faults.Clear();

    /// <summary>Holds back the requests of a route.</summary>
    /// <param name="route">Name of the route, or <c>*</c>.</param>
    /// <param name="skip">How many pass before.</param>
    public Gate Hold(string route, int skip = 0) => _gates.Add(route, skip);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        _gates.ReleaseAll();
        await _application.StopAsync();
        await _application.DisposeAsync();
        _stopping.Dispose();
    }

    private static WebApplication Build(SimulatorOptions options)
    {
        // Empty: no settings file, no environment variable and no console has a say.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Patience);
        builder.WebHost.UseKestrelCore();
        if (options.Https)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null;

            // A search for a hundred ids is a long request line.
            kestrel.Limits.MaxRequestLineSize = 64 * 1024;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
            {
                listen.Protocols = options.Https && !options.Http1Only ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
                if (options.Https)
                {
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = options.Certificate ?? SelfSigned();
                        if (options.AcceptsClient is { } accepts)
                        {
                            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                            https.ClientCertificateValidation = (certificate, _, _) => accepts(certificate);
                        }
                    });
                }
            });
        });
        return builder.Build();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));

        // Windows serves TLS only with a key that came in a container.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }

    private ReadOnlyMemory<byte> Json(ThreatKey key) => _generator.Document(Find(key));

    private ThreatRecord Find(ThreatKey key) =>
        _catalog.Find(key) ?? throw new KeyNotFoundException(string.Create(CultureInfo.InvariantCulture, $"The simulator serves no threat {key}."));

    /// <summary>The host of a simulator lives as long as its owner says; it does not listen for Ctrl+C.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
