using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Serving.Feeds;
using PhishMe.Engine.Serving.Readers;
using PhishMe.Server.Listening;

namespace PhishMe.Server.Feeds;

/// <summary>
/// The feed files at <c>/feeds/&lt;destination&gt;/&lt;file&gt;</c>. A file that is to be there and cannot be read is 503, never 404: a firewall keeps its copy
/// of a list that cannot be had, and stops to enforce one that is gone.
/// </summary>
/// <param name="feeds">The files.</param>
/// <param name="readers">Remembers who read them.</param>
/// <param name="clock">The clock.</param>
internal sealed class FeedEndpoints(ServedFeeds feeds, ReaderRegister readers, TimeProvider clock) : IEndpoints
{
    private readonly FileVersions _versions = new();

    public void Map(IEndpointRouteBuilder routes) => routes.MapMethods("/feeds/{destination}/{file}", [HttpMethods.Get, HttpMethods.Head], ServeAsync);

    private async Task ServeAsync(HttpContext context)
    {
        // Found by the whole address as the client wrote it, once decoded; no part of it becomes a path.
        if (feeds.Find(context.Request.Path.Value ?? string.Empty) is not string path)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await using var file = new FileStream(path, new FileStreamOptions
        {
            // As our writers expect it: a reader must not stand in the way of the rename that replaces the file.
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
        });
        var version = await _versions.OfAsync(path, file, clock.GetUtcNow(), context.RequestAborted);
        Note(context.Request, version);
        context.Response.Headers.CacheControl = "private, no-cache";
        context.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (file.Length > 0 && context.Request.Headers.Range.Count == 0 && ContentCoding.AcceptsGzip(context.Request))
        {
            await ServeCompressedAsync(context, path, file, version);
            return;
        }

        await TypedResults.Stream(
            file, MediaType(path), fileDownloadName: null, version.ModifiedAt, new EntityTagHeaderValue($"\"{version.Hash}\""), enableRangeProcessing: true)
            .ExecuteAsync(context);
    }

    /// <summary>Not of a file per threat: there are thousands of them, and the one that lists them tells as much.</summary>
    private void Note(HttpRequest request, FileVersion version)
    {
        var address = request.Path.Value ?? string.Empty;
        if (HttpMethods.IsGet(request.Method) && feeds.IsListed(address))
        {
            readers.Note(new ReaderProgress(RequestReader.Of(request, ServerKeys.FeedSection, address), clock.GetUtcNow(), version.ModifiedAt, IsAtEnd: true));
        }
    }

    private static async Task ServeCompressedAsync(HttpContext context, string path, FileStream file, FileVersion version)
    {
        // Another representation: a strong tag stands for bytes.
        var tag = new EntityTagHeaderValue($"\"{version.Hash}-gzip\"");
        var headers = context.Response.GetTypedHeaders();
        headers.ETag = tag;
        headers.LastModified = version.ModifiedAt;
        if (IsKnown(context.Request, tag, version.ModifiedAt))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = MediaType(path);
        context.Response.Headers.ContentEncoding = ContentCoding.Gzip;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        await using var compressed = new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await file.CopyToAsync(compressed, context.RequestAborted);
    }

    private static bool IsKnown(HttpRequest request, EntityTagHeaderValue tag, DateTimeOffset modifiedAt)
    {
        var headers = request.GetTypedHeaders();
        return headers.IfNoneMatch is { Count: > 0 } tags
            ? tags.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false))
            : headers.IfModifiedSince is DateTimeOffset since && modifiedAt <= since;
    }

    private static string MediaType(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".JSON" => "application/json; charset=utf-8",
        ".CSV" => "text/csv; charset=utf-8",
        ".XML" => "application/xml; charset=utf-8",
        ".TXT" or ".LST" or "" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
}
