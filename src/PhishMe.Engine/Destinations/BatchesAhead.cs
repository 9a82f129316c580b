using System.Runtime.CompilerServices;
using System.Threading.Channels;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations;

/// <summary>
/// While one batch is being committed, the files of the next ones are already on their way to the disk: a backfill waits for flushes more than for
/// anything else. What is written ahead has temporary names; the order of commitment is not touched.
/// </summary>
internal static class BatchesAhead
{
    /// <summary>Batches that are begun and wait; one more is begun and waits for a place among them.</summary>
    private const int Waiting = 2;

    /// <param name="batches">The batches; asked for while the caller has earlier ones. A failure shows when those were taken.</param>
    /// <param name="destinations">Begin with each batch as soon as it is there.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async IAsyncEnumerable<Batch> BeginAheadAsync(
        this IAsyncEnumerable<Batch> batches, IReadOnlyList<OpenDestination> destinations, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var begun = Channel.CreateBounded<Batch>(new BoundedChannelOptions(Waiting) { SingleReader = true, SingleWriter = true });
        var beginning = BeginAllAsync(batches, destinations, begun.Writer, abandoned.Token);
        try
        {
            await foreach (var batch in begun.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                yield return batch;
            }
        }
        finally
        {
            // A failed commit must not wait for a page that is no longer wanted.
            await abandoned.CancelAsync().ConfigureAwait(false);
            await beginning.ConfigureAwait(false);
            while (begun.Reader.TryRead(out var batch))
            {
                await AbandonAsync(batch, destinations).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ends when there are no more batches or none is wanted; a failure goes through the channel.</summary>
    private static async Task BeginAllAsync(
        IAsyncEnumerable<Batch> batches, IReadOnlyList<OpenDestination> destinations, ChannelWriter<Batch> begun, CancellationToken cancellationToken)
    {
        Batch? inHand = null;
        try
        {
            await foreach (var batch in batches.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                inHand = batch;
                foreach (var destination in destinations)
                {
                    destination.BeginAhead(batch);
                }

                await begun.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                inHand = null;
            }

            begun.Complete();
        }
#pragma warning disable CA1031 // It goes to whoever reads the channel.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (inHand is not null)
            {
                await AbandonAsync(inHand, destinations).ConfigureAwait(false);
            }

            begun.Complete(exception);
        }
    }

    /// <summary>The caller stopped in between, for a reason that is reported there.</summary>
    private static async Task AbandonAsync(Batch batch, IReadOnlyList<OpenDestination> destinations)
    {
        try
        {
            foreach (var destination in destinations)
            {
                await destination.AbandonAsync(batch).ConfigureAwait(false);
            }
        }
        catch (PhishMeException)
        {
            // What began stays under temporary names, which are removed.
        }

        batch.Dispose();
    }
}
