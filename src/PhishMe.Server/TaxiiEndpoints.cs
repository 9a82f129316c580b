using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Serving.Readers;
using PhishMe.Engine.Serving.Taxii;
using PhishMe.Server.Listening;

namespace PhishMe.Server;

/// <summary>TAXII 2.1 at an address. Every answer, also a refusal, is in its media type.</summary>
internal sealed class TaxiiEndpoints(ServedInstallation installation, TaxiiServerSettings settings, ReaderRegister readers, Diary diary) : IEndpoints, IDisposable
{
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

    private Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var answer = _service.Answer(new TaxiiRequest
        {
            Method = request.Method,
            Path = request.Path.Value ?? "/",
            Parameters = [.. from parameter in request.Query from value in parameter.Value select KeyValuePair.Create(parameter.Key, value ?? string.Empty)],
            Accept = request.Headers.Accept.ToString(),
            Root = $"{request.Scheme}://{request.Host}/",
        });
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

        return WriteAsync(context, answer);
    }

    private static async Task WriteAsync(HttpContext context, TaxiiAnswer answer)
    {
        context.Response.ContentType = TaxiiMediaType.Text;
        context.Response.ContentLength = answer.Body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
        }
    }
}
