using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>
/// The end of a run: what it changed gets its place in the order that readers follow. Every object gets a millisecond of its own, after all before it and never
/// in the future: what a run brought is spread over the time before its end. Readers cut the times to milliseconds and ask for what came later.
/// </summary>
/// <param name="order">The order.</param>
/// <param name="options">How threats are rendered.</param>
/// <param name="clock">Our clock.</param>
/// <param name="log">Takes what cannot be served.</param>
/// <param name="step">Receives the name of each step: the seam at which tests kill it. Null in production.</param>
internal sealed class TaxiiSettlement(IServedOrder order, TaxiiOptions options, TimeProvider clock, ILogger log, Action<string>? step = null)
{
    private const int ReadAtOnce = 256;

    /// <summary>Objects placed by one transaction: enough for their keys to be written in the order of the table.</summary>
    private const int PlacedAtOnce = 400_000;

    private readonly TaxiiRenderer _renderer = new(options);

    /// <summary>Places what is pending.</summary>
    /// <exception cref="PhishMeException">The state cannot be used.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var state = await order.BeginAsync(options.Form, cancellationToken).ConfigureAwait(false);
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        step?.Invoke("taxii-begun");
        await order.ExpireAsync(now, cancellationToken).ConfigureAwait(false);
        step?.Invoke("taxii-expired");
        if (state.Pending == 0)
        {
            return;
        }

        // A clock that was set back stands before what was added already: the order goes on from there.
        var limit = state.Last >= now ? long.MaxValue : now;
        var first = Math.Max((state.Last ?? long.MinValue) + 1, now - state.Room);
        var place = (long?)first;
        var unreadable = 0;
        var after = long.MinValue;
        var versions = new List<ServedVersion>();
        var gone = new List<long>();
        var waiting = 0;
        while (place is long next)
        {
            var page = await order.ReadPendingAsync(after, ReadAtOnce, cancellationToken).ConfigureAwait(false);
            if (page.Count > 0)
            {
                after = page[^1].Key;
                var looked = new ServedVersion?[page.Count];
                Parallel.For(0, page.Count, new ParallelOptions { CancellationToken = cancellationToken }, index => looked[index] = _renderer.Look(page[index]));
                for (var i = 0; i < looked.Length; i++)
                {
                    if (looked[i] is ServedVersion version && version.ValidUntil > now)
                    {
                        versions.Add(version);
                        waiting += version.Objects.Count;
                    }
                    else
                    {
                        gone.Add(page[i].Key);
                        unreadable += looked[i] is null ? 1 : 0;
                    }
                }
            }

            if (page.Count < ReadAtOnce || waiting >= PlacedAtOnce)
            {
                place = await order.AssignAsync(versions, gone, next, limit, (long)options.Validity.TotalMilliseconds / 2, cancellationToken).ConfigureAwait(false);
                step?.Invoke("taxii-placed");
                versions.Clear();
                gone.Clear();
                waiting = 0;
            }

            if (page.Count < ReadAtOnce)
            {
                break;
            }
        }

        if (unreadable > 0)
        {
            log.Warning("{Count} stored threat(s) cannot be read and are not served by TAXII", unreadable);
        }

        if (place is null)
        {
            log.Information("So much changed at once that TAXII serves a part of it after the next run: every object has a millisecond of its own");
        }
    }
}
