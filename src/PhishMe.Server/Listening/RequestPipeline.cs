using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Running;

namespace PhishMe.Server.Listening;

/// <summary>What every request passes before an endpoint sees it, and what becomes of trouble.</summary>
internal sealed class RequestPipeline(ListenerSettings settings, IReadOnlyList<IEndpoints> endpoints, ServerMeter meter, Diary diary)
{
    private readonly BasicCredentials _credentials = new(settings);
    private readonly HostNames _names = new(settings);
    private readonly HeapGrowthLimit _heap = new();
    private readonly Lock _collecting = new();

    /// <summary>The one step before the endpoints.</summary>
    public async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        var begin = Stopwatch.GetTimestamp();
        context.Response.OnStarting(KeepSmallAsync);
        await AnswerAsync(context, next);
        meter.Count(settings.Section, context.Response.StatusCode, Stopwatch.GetElapsedTime(begin));
    }

    /// <summary>
    /// Making an answer leaves some megabytes behind, and the runtime by itself would let the heap grow to what it thinks the machine has room for. Before the
    /// answer is sent: that may take long.
    /// </summary>
    private Task KeepSmallAsync()
    {
        if (_collecting.TryEnter())
        {
            try
            {
                _heap.Check();
            }
            finally
            {
                _collecting.Exit();
            }
        }

        return Task.CompletedTask;
    }

    private async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        SecurityHeaders.Set(context.Response.Headers, settings.IsEncrypted);
        if (!_names.Accept(context.Request.Host))
        {
            await RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, "This server does not answer to this host name.");
            return;
        }

        if (!_credentials.Accept(context.Request.Headers.Authorization is [string one] ? one : null))
        {
            context.Response.Headers.WWWAuthenticate = $"Basic realm=\"phishme {settings.Section}\", charset=\"UTF-8\"";
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, "Credentials are needed.");
            return;
        }

        try
        {
            await next(context);
            if (!context.Response.HasStarted && context.Response.StatusCode >= 400 && context.Response.ContentLength is null)
            {
                await RefuseAsync(context, context.Response.StatusCode, TitleOf(context.Response.StatusCode));
            }
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            await RefuseAsync(context, exception.StatusCode, TitleOf(exception.StatusCode));
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested || exception is ConnectionResetException or ConnectionAbortedException)
        {
            // The client is gone. What was thrown comes from that, whatever its type.
        }
#pragma warning disable CA1031 // Whatever is wrong here is trouble of the server: readers keep what they have on 503, and drop it on other answers.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            diary.Write($"[{settings.Section}] {context.Request.Method} {context.Request.Path}: {exception.GetType().Name}: {exception.Message}");
            if (context.Response.HasStarted)
            {
                // Half an answer must not look like a whole one.
                context.Abort();
                return;
            }

            context.Response.Clear();
            SecurityHeaders.Set(context.Response.Headers, settings.IsEncrypted);
            context.Response.Headers.RetryAfter = "30";
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The server cannot answer at present.");
        }
    }

    private static string TitleOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => "There is nothing at this address.",
        StatusCodes.Status405MethodNotAllowed => "This method is not allowed here.",
        _ => $"The request cannot be answered: {(HttpStatusCode)status}.",
    };

    private async Task RefuseAsync(HttpContext context, int status, string title)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        foreach (var endpoint in endpoints)
        {
            if (endpoint.WriteRefusalAsync(context, title) is Task written)
            {
                await written;
                return;
            }
        }

        var body = Encoding.UTF8.GetBytes(title + "\n");
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            // Not stopped by RequestAborted: a client that closed its side after the request still reads.
            await context.Response.Body.WriteAsync(body, CancellationToken.None);
        }
    }
}
