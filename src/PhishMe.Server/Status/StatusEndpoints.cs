using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PhishMe.Engine.Serving;
using PhishMe.Engine.Serving.Feeds;
using PhishMe.Engine.Serving.Measuring;
using PhishMe.Engine.Serving.Pages;
using PhishMe.Engine.Serving.Readers;
using PhishMe.Intelligence;

namespace PhishMe.Server.Status;

/// <summary>The status page, the pages of threats, the search, and the figures for Prometheus.</summary>
/// <param name="installation">What is served.</param>
/// <param name="status">Reads the status; shared, so that many who ask cost one reading.</param>
/// <param name="meter">Counts the requests.</param>
/// <param name="readers">What readers did.</param>
/// <param name="feeds">The feed files whose addresses the page shows; null when they are not served here.</param>
internal sealed class StatusEndpoints(ServedInstallation installation, StatusReader status, ServerMeter meter, ReaderRegister readers, ServedFeeds? feeds) : IEndpoints, IDisposable
{
    /// <summary>Searches at once: each reads the store, and a few that are slow must not take all threads.</summary>
    private const int SearchesAtOnce = 4;

    private readonly SemaphoreSlim _searches = new(SearchesAtOnce);
    private readonly StoreSearch _search = new(installation.Port, installation.Settings.Path);

    public void Map(IEndpointRouteBuilder routes)
    {
        string[] read = [HttpMethods.Get, HttpMethods.Head];
        routes.MapMethods("/", read, ShowStatusAsync);
        routes.MapMethods("/threats/{id}", read, ShowThreatAsync);
        routes.MapMethods("/search", read, ShowSearchAsync);
        routes.MapMethods("/metrics", read, ShowFiguresAsync);
        routes.MapMethods("/healthz", read, ShowHealthAsync);
    }

    public void Dispose() => _searches.Dispose();

    private async Task ShowStatusAsync(HttpContext context) =>
        await WritePageAsync(context, StatusPage.Of(await status.ReadAsync(context.RequestAborted), PageLinks.OfServer, feeds?.Addresses ?? [], readers.All));

    private async Task ShowThreatAsync(HttpContext context)
    {
        if (!ThreatId.TryParse(context.Request.RouteValues["id"] as string, null, out var id)
            || await SearchAsync(() => _search.Find(id, context.RequestAborted), context.RequestAborted) is not Threat threat)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await WritePageAsync(context, ThreatPage.Of(threat, PageLinks.OfServer));
    }

    private async Task ShowSearchAsync(HttpContext context)
    {
        var words = context.Request.Query["q"] is [string one] ? one : string.Empty;
        if (words.Length > StoreSearch.LongestWords)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var result = await SearchAsync(() => _search.Search(words, context.RequestAborted), context.RequestAborted);
        await WritePageAsync(context, SearchPage.Of(words, result ?? new SearchResult(), PageLinks.OfServer));
    }

    private async Task ShowFiguresAsync(HttpContext context) =>
        await WriteAsync(
            context,
            PrometheusText.MediaType,
            PrometheusText.Of([.. StatusFigures.Of(await status.ReadAsync(context.RequestAborted)), .. meter.Figures, .. ReaderFigures.Of(readers.All)]));

    /// <summary>200 when the state can be read, 503 otherwise: what a supervisor or a load balancer wants to know.</summary>
    private async Task ShowHealthAsync(HttpContext context)
    {
        await status.ReadAsync(context.RequestAborted);
        await WriteAsync(context, "text/plain; charset=utf-8", "ok\n");
    }

    private async Task<T?> SearchAsync<T>(Func<T?> search, CancellationToken cancellationToken)
        where T : class
    {
        await _searches.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(search, cancellationToken);
        }
        catch (PhishMeException exception) when (exception.Fault.Kind == Faults.StoreNotFound)
        {
            return null;
        }
        finally
        {
            _searches.Release();
        }
    }

    private static Task WritePageAsync(HttpContext context, string page)
    {
        context.Response.Headers.ContentSecurityPolicy = $"{PageFrame.Policy}; frame-ancestors 'none'";
        return WriteAsync(context, "text/html; charset=utf-8", page);
    }

    private static async Task WriteAsync(HttpContext context, string mediaType, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, CancellationToken.None);
        }
    }
}
