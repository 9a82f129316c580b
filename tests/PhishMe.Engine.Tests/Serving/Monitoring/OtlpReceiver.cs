using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace PhishMe.Engine.Tests.Serving.Monitoring;

/// <summary>An OpenTelemetry collector at a free port: keeps what arrives and answers as a test wants.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Channel<OtlpRequest> _arrived = Channel.CreateUnbounded<OtlpRequest>();
    private readonly CancellationTokenSource _stopping = new();

    private OtlpReceiver()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _application = builder.Build();
        _application.Run(TakeAsync);
    }

    /// <summary>The address without a path.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>The status of its answers.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    /// <summary>Where a redirect leads.</summary>
    public Uri? Location { get; set; }

    /// <summary>Whether it takes requests and never answers.</summary>
    public bool Hangs { get; set; }

    /// <summary>Requests that no one looked at yet.</summary>
    public int Waiting => _arrived.Reader.Count;

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        await receiver._application.StartAsync(TestContext.Current.CancellationToken);
        var bound = receiver._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        receiver.Address = new Uri(bound.First());
        return receiver;
    }

    /// <summary>The next request, when it is here.</summary>
    public ValueTask<OtlpRequest> NextAsync() => _arrived.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _application.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task TakeAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var hangs = Hangs;
        context.Response.StatusCode = Status;
        if (Location is Uri location)
        {
            context.Response.Headers.Location = location.ToString();
        }

        await _arrived.Writer.WriteAsync(new OtlpRequest($"{context.Request.Method} {context.Request.Path}", headers, body.ToArray()));
        if (hangs)
        {
            await Task.Delay(Timeout.Infinite, _stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
