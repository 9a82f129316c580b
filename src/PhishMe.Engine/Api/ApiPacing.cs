using PhishMe.Engine.Network;

namespace PhishMe.Engine.Api;

/// <summary>The gate for requests in the words of the API: which requests are of one kind, and what a failure says about the host.</summary>
internal static class ApiPacing
{
    /// <summary>Waits for a turn.</summary>
    /// <param name="governor">The gate.</param>
    /// <param name="path">The path below the root of the API, without parameters.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ApiException">The API asked for a longer pause than is waited for.</exception>
    public static async ValueTask<RequestTurn> EnterAsync(RequestGovernor governor, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await governor.EnterAsync(KindOf(path), cancellationToken).ConfigureAwait(false);
        }
        catch (PauseTooLongException exception)
        {
            throw new ApiException(
                ApiFailure.Throttled,
                FormattableString.Invariant($"The API asks for a pause of {exception.Left.TotalSeconds:0} seconds, which is too long to wait for."),
                "the pause that the API asked for",
                exception)
            {
                RetryAfter = exception.Left,
            };
        }
    }

    /// <summary>What a failure says about how much the host can take.</summary>
    /// <param name="turn">The turn of the request that failed.</param>
    /// <param name="failure">How it failed.</param>
    public static void Tell(RequestTurn turn, ApiException failure)
    {
        switch (failure.Failure)
        {
            case ApiFailure.Throttled:
                turn.Refused(failure.RetryAfter);
                break;
            case ApiFailure.Unavailable:
            case ApiFailure.Network when Reached(failure.InnerException):
                turn.Overloaded(failure.RetryAfter);
                break;
            case ApiFailure.Network:
            case ApiFailure.Untrusted:
            case ApiFailure.Proxy:
                break;
            case ApiFailure.Refused:
            case ApiFailure.Credentials:
            case ApiFailure.NotFound:
            case ApiFailure.ServerError:
            case ApiFailure.Answer:
            default:
                turn.Answered();
                break;
        }
    }

    /// <summary>Requests that cost the host about the same: the path without the number of the threat.</summary>
    private static string KindOf(string path)
    {
        var last = path[(path.LastIndexOf('/') + 1)..];
        return path.StartsWith("/t3/", StringComparison.Ordinal) && path.AsSpan().Count('/') > 2 ? "/t3/*/" + last
            : last.Length > 0 && char.IsAsciiDigit(last[0]) ? "/threat/*"
            : path;
    }

    /// <summary>A name that is not found or a port that is closed has nothing to do with how much we send.</summary>
    private static bool Reached(Exception? cause) => cause is not HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError,
    };
}
