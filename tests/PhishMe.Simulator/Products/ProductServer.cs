using System.IO.Compression;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace PhishMe.Simulator.Products;

/// <summary>Serves a simulated product over real HTTP on loopback, remembers the requests, and misbehaves on demand.</summary>
public sealed class ProductServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ISimulatedProduct _product;
    private readonly Lock _turn = new();
    private readonly List<ProductRequest> _requests = [];
    private readonly Queue<Func<ProductRequest, ProductAnswer?>> _faults = new();
    private Func<ProductRequest, ProductAnswer?>? _always;
    private int _count;

    private ProductServer(ISimulatedProduct product, X509Certificate2? certificate, Func<X509Certificate2, bool>? knows)
    {
        _product = product;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        if (certificate is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (certificate is not null)
                {
                    listen.UseHttps(certificate, https =>
                    {
                        https.ClientCertificateMode = knows is null ? ClientCertificateMode.NoCertificate : ClientCertificateMode.RequireCertificate;
                        https.ClientCertificateValidation = (shown, _, _) => knows?.Invoke(shown) == true;
                    });
                }
            });
        });
        _application = builder.Build();
        _application.Run(ServeAsync);
    }

    /// <summary>The address behind which the routes of the product begin.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Whether <see cref="Requests"/> keeps them. A measurement with many megabytes turns it off.</summary>
    public bool KeepsRequests { get; init; } = true;

    /// <summary>The requests so far, in the order in which they were answered.</summary>
    public IReadOnlyList<ProductRequest> Requests
    {
        get
        {
            lock (_turn)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Requests so far, kept or not.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Starts it on a free port.</summary>
    /// <param name="product">What it serves.</param>
    /// <param name="certificate">With its private key, for HTTPS; null for HTTP.</param>
    /// <param name="keepsRequests">See <see cref="KeepsRequests"/>.</param>
    /// <param name="knows">Whether a certificate that a client shows is let in; null when none is asked for.</param>
    public static async Task<ProductServer> StartAsync(
        ISimulatedProduct product, X509Certificate2? certificate = null, bool keepsRequests = true, Func<X509Certificate2, bool>? knows = null)
    {
        var server = new ProductServer(product, certificate, knows) { KeepsRequests = keepsRequests };
        await server._application.StartAsync();
        server.Address = new Uri(server._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    /// <summary>The next request gets this answer instead of the product's. Several wait in line.</summary>
    public void Next(ProductAnswer answer) => Next(_ => answer);

    /// <summary>The next request gets this answer; the product's own where it is null.</summary>
    public void Next(Func<ProductRequest, ProductAnswer?> fault)
    {
        lock (_turn)
        {
            _faults.Enqueue(fault);
        }
    }

    /// <summary>Every request from now on gets this answer, the product's own where it is null. Null ends it.</summary>
    public void Always(Func<ProductRequest, ProductAnswer?>? fault)
    {
        lock (_turn)
        {
            _always = fault;
        }
    }

    /// <summary>The product does the work of the next request, but the connection breaks before it can say so.</summary>
    public void CutAfterNext() => Next(request =>
    {
        _product.Answer(request);
        return ProductAnswer.Cut;
    });

    /// <summary>The product does its work; for a fault that wants that, called from within it.</summary>
    public ProductAnswer Work(ProductRequest request) => _product.Answer(request);

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task ServeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        if (context.Request.Headers.ContentEncoding == "gzip")
        {
            await using var unpacked = new GZipStream(context.Request.Body, CompressionMode.Decompress);
            await unpacked.CopyToAsync(body);
        }
        else
        {
            await context.Request.Body.CopyToAsync(body);
        }

        var request = new ProductRequest(
            context.Request.Method,
            context.Features.Get<IHttpRequestFeature>()!.RawTarget,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray());
        ProductAnswer answer;
        lock (_turn)
        {
            _count++;
            if (KeepsRequests)
            {
                _requests.Add(request);
            }

            answer = (_faults.TryDequeue(out var fault) ? fault(request) : null) ?? _always?.Invoke(request) ?? _product.Answer(request);
        }

        await answer.Hold;
        if (answer.IsCut)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.MediaType;
        foreach (var (name, value) in answer.Headers)
        {
            context.Response.Headers[name] = value;
        }

        if (answer.IsCutInBody)
        {
            context.Response.ContentLength = (answer.Body?.Length ?? 0) + 100;
        }

        await context.Response.Body.WriteAsync(answer.Body ?? []);
        if (answer.IsCutInBody)
        {
            await context.Response.Body.FlushAsync();
            context.Abort();
        }
    }
}
