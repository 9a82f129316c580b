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

    private readonly TaxiiObjects _objects = new(store, options, clock);
    private readonly TaxiiBodies _bodies = new(settings);

    /// <summary>Answers a request.</summary>
    /// <param name="request">The request; its credentials were checked.</param>
    public TaxiiAnswer Answer(TaxiiRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            return AnswerWell(request);
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

    public void Dispose() => _objects.Dispose();

    private TaxiiAnswer AnswerWell(TaxiiRequest request)
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
            TaxiiResource.Objects or TaxiiResource.Object => Paged(request, route, TaxiiBodies.Envelope),
            TaxiiResource.Manifest => Paged(request, route, TaxiiBodies.Manifest),
            TaxiiResource.Versions => Paged(request, route, TaxiiBodies.Versions),
        };
    }

    private TaxiiAnswer Paged(TaxiiRequest request, TaxiiRoute route, Func<TaxiiPage, string?, ReadOnlyMemory<byte>> body)
    {
        var (place, isFirst) = TaxiiQuery.Read(route, request.Parameters, settings.PageLimit);
        var page = _objects.Read(route.Collection!, place.Filter, isFirst ? null : place.After, place.Limit);
        if (page.Objects.Count == 0 && isFirst && route.ObjectId is string id && !_objects.Has(route.Collection!, id))
        {
            throw new TaxiiProblem(404, "There is no such object in this collection.", "Objects leave a collection when they are no longer valid.");
        }

        var next = page.Next is long after ? (place with { After = after }).Write() : null;
        var reached = page.Objects.Count > 0 ? page.Objects[^1].Added : isFirst ? place.Filter.AddedAfter : place.After;
        return Done(body(page, next)) with
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
