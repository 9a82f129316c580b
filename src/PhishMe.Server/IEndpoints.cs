using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PhishMe.Server;

/// <summary>
/// What is served at one address. Before it is asked, the request has passed the limits and the credentials; security headers are set, and whatever it
/// throws becomes 503.
/// </summary>
internal interface IEndpoints
{
    /// <summary>Adds its paths. Handlers are <see cref="RequestDelegate"/>s: nothing is bound by reflection.</summary>
    void Map(IEndpointRouteBuilder routes);

    /// <summary>
    /// Writes the body of a refusal that was decided before or beside its paths: 400, 401, 404, 405, 421 or 503. Status and headers are set.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="title">What is wrong, in one sentence without details of the server.</param>
    /// <returns>The writing; null when these endpoints have no form for refusals of their own.</returns>
    Task? WriteRefusalAsync(HttpContext context, string title) => null;
}
