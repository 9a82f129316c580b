using PhishMe.Engine.Api;
using PhishMe.Engine.Storage;
using Serilog;

namespace PhishMe.Engine.Sync;

/// <summary>Reads a CEF window. One that the API cannot serve, while it serves others, is halved down to the few minutes of the bad record.</summary>
internal sealed class WindowReader(ThreatHqClient client, IsolationLimit limit, ILogger log)
{
    /// <summary>Not halved any further: few threats are published within minutes of each other.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(10);

    /// <summary>The neighbour that is asked for to see whether the API serves anything.</summary>
    private static readonly TimeSpan Neighbour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <exception cref="ApiException">The API fails altogether, or too much of it.</exception>
    public async Task<WindowReading> ReadAsync(DateTimeOffset begin, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var reading = new WindowReading();
        try
        {
            await ReadAsync(new WindowGap(begin, end), reading, cancellationToken).ConfigureAwait(false);
            return reading;
        }
        catch
        {
            reading.Dispose();
            throw;
        }
    }

    private async Task ReadAsync(WindowGap window, WindowReading reading, CancellationToken cancellationToken)
    {
        try
        {
            reading.Add(await client.GetCefWindowAsync(window.Begin, window.End, cancellationToken).ConfigureAwait(false));
        }
        catch (ApiException exception) when (exception.MayConcernOneOfMany)
        {
            await ProveAsync(window, exception, cancellationToken).ConfigureAwait(false);
            var length = window.End - window.Begin;
            if (length <= Shortest)
            {
                limit.Count(exception);
                reading.Miss(window, exception);
                return;
            }

            log.Warning("{Window} could not be fetched as a whole; requesting its halves", window);
            var middle = window.Begin + TimeSpan.FromSeconds(Math.Floor(length.TotalSeconds / 2));
            await ReadAsync(window with { End = middle }, reading, cancellationToken).ConfigureAwait(false);
            await ReadAsync(window with { Begin = middle }, reading, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Another window must be served: otherwise nothing is wrong with this one in particular.</summary>
    private async Task ProveAsync(WindowGap window, ApiException failure, CancellationToken cancellationToken)
    {
        foreach (var other in new[]
        {
            new WindowGap(window.Begin - Neighbour, window.Begin - Second),
            new WindowGap(window.End + Second, window.End + Neighbour),
        })
        {
            try
            {
                using var body = await client.GetCefWindowAsync(other.Begin, other.End, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ApiException exception) when (exception.MayConcernOneOfMany)
            {
                // Perhaps the other neighbour.
            }
        }

        throw failure;
    }
}
