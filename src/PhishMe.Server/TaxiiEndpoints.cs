using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Serving.Readers;
using PhishMe.Engine.Serving.Taxii;
using PhishMe.Server.Listening;

namespace PhishMe.Server;

/// <summary>TAXII 2.1 at an address. Every answer, also a refusal, is in its media type.</summary>
internal sealed class TaxiiEndpoints(ServedInstallation installation, TaxiiServerSettings settings, ReaderRegister readers, Diary diary) : IEndpoints, IDisposable
{
    /// <summary>Bytes that are handed over to a connection at once.</summary>
    private const int AtOnce = 32 * 1024;

    private readonly TaxiiService _service = new(
        installation.Engine.States.StoreAt(installation.Settings.State.Location), TaxiiSite.Of(settings), TaxiiOptions.Of(settings), installation.Engine.Clock);

    public void Map(IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        RequestDelegate answer = AnswerAsync;
        routes.Map($"/{TaxiiRoute.DiscoveryPath}/{{**rest}}", answer);
        routes.Map($"/{settings.ApiRoot}/{{**rest}}", answer);
    }

    public Task WriteRefusalAsync(HttpContext context, string title)
    {
        ArgumentNullException.ThrowIfNull(context);
        return WriteAsync(context, TaxiiService.Problem(context.Response.StatusCode, title, "See http_status."));
    }

    public void Dispose() => _service.Dispose();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var asked = new TaxiiRequest
        {
            Method = request.Method,
            Path = request.Path.Value ?? "/",
            Parameters = [.. from parameter in request.Query from value in parameter.Value select KeyValuePair.Create(parameter.Key, value ?? string.Empty)],
            Accept = request.Headers.Accept.ToString(),
            Root = $"{request.Scheme}://{request.Host}/",
        };
        var answer = await _service.AnswerAsync(asked, context.RequestAborted);
        if (answer.Trouble is Exception trouble)
        {
            diary.Write($"[{settings.Listener.Section}] {request.Method} {request.Path}: {trouble.Message}");
        }

        if (answer.Polled is TaxiiPoll poll && HttpMethods.IsGet(request.Method))
        {
            var reader = RequestReader.Of(request, settings.Listener.Section, poll.Collection);
            readers.Note(new ReaderProgress(reader, installation.Engine.Clock.GetUtcNow(), poll.Reached, poll.IsAtEnd));
        }

        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            context.Response.Headers[name] = value;
        }

        await WriteAsync(context, answer);
    }

    private static async Task WriteAsync(HttpContext context, TaxiiAnswer answer)
    {
        var response = context.Response;
        response.ContentType = TaxiiMediaType.Text;
        response.ContentLength = answer.Body.Length;
        var isUnpacked = false;
        if (answer.PlainLength is long length)
        {
            response.Headers.Vary = HeaderNames.AcceptEncoding;
            isUnpacked = !ContentCoding.AcceptsGzip(context.Request);
            if (isUnpacked)
            {
                response.ContentLength = length;
            }
            else
            {
                response.Headers.ContentEncoding = ContentCoding.Gzip;
            }
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        if (isUnpacked)
        {
            await using var plain = answer.Unpack();
            await plain.CopyToAsync(response.Body, AtOnce, context.RequestAborted);
            return;
        }

        // Piece by piece: what is handed over at once is copied at once, and a client that reads slowly would hold all of it.
        for (var at = 0; at < answer.Body.Length; at += AtOnce)
        {
            await response.Body.WriteAsync(answer.Body[at..Math.Min(at + AtOnce, answer.Body.Length)], context.RequestAborted);
        }
    }
}
