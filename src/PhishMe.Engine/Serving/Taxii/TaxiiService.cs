using System.Globalization;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>
/// A TAXII 2.1 server for reading, without the HTTP around it. Safe for use by any number of requests at once. Trouble with the store is 503 and nothing else:
/// readers keep what they have, and ask again.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="settings">[taxii_server].</param>
/// <param name="options">How threats are rendered.</param>
/// <param name="clock">Our clock.</param>
internal sealed class TaxiiService(IStoreLocation store, TaxiiSite settings, TaxiiOptions options, TimeProvider clock) : IDisposable
{
    private const string RetryAfterSeconds = "30";

    private readonly SharedAnswers _answers = new(store, clock);
    private readonly TaxiiObjects _objects = new(options);
    private readonly TaxiiPacking _packing = new();
    private readonly TaxiiBodies _bodies = new(settings);

    /// <summary>Answers a request.</summary>
    /// <param name="request">The request; its credentials were checked.</param>
    /// <param name="cancellationToken">The reader is gone.</param>
    public async Task<TaxiiAnswer> AnswerAsync(TaxiiRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            return await AnswerWellAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (TaxiiProblem problem)
        {
            return Problem(problem.Status, problem.Title, problem.Description);
        }
        catch (Exception exception) when (exception is PhishMeException or StateDamagedException or IOException or UnauthorizedAccessException)
        {
            return Problem(503, "The store cannot be read at present.", "Keep what you have and ask again later.") with
            {
                Headers = [new("Retry-After", RetryAfterSeconds)],
                Trouble = exception,
            };
        }
    }

    /// <summary>Bytes of answers that are kept at present.</summary>
    public long Kept => _answers.Bytes;

    public void Dispose() => _answers.Dispose();

    private async Task<TaxiiAnswer> AnswerWellAsync(TaxiiRequest request, CancellationToken cancellationToken)
    {
        var route = TaxiiRoute.Of(request.Path, settings.ApiRoot);
        if (request.Method is not ("GET" or "HEAD"))
        {
            return (request.Method, route.Resource) is ("POST", TaxiiResource.Objects) or ("DELETE", TaxiiResource.Object)
                ? Problem(403, "This collection cannot be written.", "can_write of the collection says so.")
                : Problem(405, "This resource can only be read.", "Use GET.") with { Headers = [new("Allow", "GET, HEAD")] };
        }

        if (!TaxiiMediaType.Accepts(request.Accept))
        {
            return Problem(406, "This server speaks TAXII 2.1 only.", $"Accept {TaxiiMediaType.Text}.");
        }

        return route.Resource switch
        {
            TaxiiResource.Discovery => Done(_bodies.Discovery(request.Root)),
            TaxiiResource.ApiRoot => Done(_bodies.ApiRoot()),
            TaxiiResource.Collections => Done(TaxiiBodies.Collections()),
            TaxiiResource.Collection => Done(TaxiiBodies.Collection(route.Collection!)),
            TaxiiResource.Objects or TaxiiResource.Object => await PagedAsync(request, route, TaxiiBodies.Envelope, cancellationToken).ConfigureAwait(false),
            TaxiiResource.Manifest => await PagedAsync(request, route, TaxiiBodies.Manifest, cancellationToken).ConfigureAwait(false),
            TaxiiResource.Versions => await PagedAsync(request, route, TaxiiBodies.Versions, cancellationToken).ConfigureAwait(false),
        };
    }

    private Task<TaxiiAnswer> PagedAsync(TaxiiRequest request, TaxiiRoute route, Func<Stream, TaxiiPage, string?, long> write, CancellationToken cancellationToken)
    {
        var (place, isFirst) = TaxiiQuery.Read(route, request.Parameters, settings.PageLimit);

        // The word for a place says everything that was asked for.
        return _answers.GetAsync($"{(isFirst ? "first" : "next")} {place.Write()}", (reader, now) => Render(reader, now, route, place, isFirst, write), cancellationToken);
    }

    private TaxiiAnswer Render(IServedReader reader, long now, TaxiiRoute route, TaxiiPlace place, bool isFirst, Func<Stream, TaxiiPage, string?, long> write)
    {
        var page = _objects.Read(reader, route.Collection!, place.Filter, isFirst ? null : place.After, place.Limit, now);
        if (page.Objects.Count == 0 && isFirst && route.ObjectId is string id && !_objects.Has(reader, route.Collection!, id, now))
        {
            throw new TaxiiProblem(404, "There is no such object in this collection.", "Objects leave a collection when they are no longer valid.");
        }

        var next = page.Next is long after ? (place with { After = after }).Write() : null;
        var reached = page.Objects.Count > 0 ? page.Objects[^1].Added : isFirst ? place.Filter.AddedAfter : place.After;
        return _packing.Pack(output => write(output, page, next)) with
        {
            Polled = new TaxiiPoll(route.Collection!.Alias, reached is long added ? DateTimeOffset.FromUnixTimeMilliseconds(added) : null, page.Next is null),
            Headers = page.Objects.Count == 0
                ? []
                :
                [
                    new("X-TAXII-Date-Added-First", TaxiiTime.Text(page.Objects[0].Added)),
                    new("X-TAXII-Date-Added-Last", TaxiiTime.Text(page.Objects[^1].Added)),
                ],
        };
    }

    private static TaxiiAnswer Done(ReadOnlyMemory<byte> body) => new() { Status = 200, Body = body };

    /// <summary>An error resource.</summary>
    public static TaxiiAnswer Problem(int status, string title, string description) =>
        new() { Status = status, Body = TaxiiBodies.Problem(status.ToString(CultureInfo.InvariantCulture), title, description) };
}
