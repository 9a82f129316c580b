using System.Runtime.CompilerServices;
using PhishMe.Engine.Sync;

namespace PhishMe.Engine.Delivery;

/// <summary>
/// While one batch is being committed, the files of the next are already on their way to the disk: a backfill waits for flushes more than for
/// anything else. What is written ahead has temporary names; the order of commitment is not touched.
/// </summary>
internal static class BatchesAhead
{
    /// <param name="batches">The batches; the next one is asked for while the caller has the one before. Its failure is told when that one was taken.</param>
    /// <param name="outputs">Told of each batch as soon as it is there.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async IAsyncEnumerable<Batch> BeginAheadAsync(
        this IAsyncEnumerable<Batch> batches, IReadOnlyList<Output> outputs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        IAsyncEnumerator<Batch> source = batches.GetAsyncEnumerator(abandoned.Token);
        Task<Batch?> next = BeginNextAsync();
        try
        {
            while (await next.ConfigureAwait(false) is Batch batch)
            {
                next = BeginNextAsync();
                yield return batch;
            }
        }
        finally
        {
            // A failed commit must not wait for a page that nobody wants any more.
            await abandoned.CancelAsync().ConfigureAwait(false);
            await AbandonAsync(next, outputs).ConfigureAwait(false);
            await source.DisposeAsync().ConfigureAwait(false);
        }

        async Task<Batch?> BeginNextAsync()
        {
            if (!await source.MoveNextAsync().ConfigureAwait(false))
            {
                return null;
            }

            foreach (Output output in outputs)
            {
                output.Begin(source.Current);
            }

            return source.Current;
        }
    }

    /// <summary>The caller stopped in between, for a reason of its own that is told there.</summary>
    private static async Task AbandonAsync(Task<Batch?> next, IReadOnlyList<Output> outputs)
    {
        try
        {
            if (await next.ConfigureAwait(false) is Batch batch)
            {
                foreach (Output output in outputs)
                {
                    await output.AbandonAsync(batch).ConfigureAwait(false);
                }

                batch.Dispose();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or Api.ApiException or Intelligence.PhishMeException)
        {
            // The first failure has been told; what began stays under temporary names, which are removed.
        }
    }
}
