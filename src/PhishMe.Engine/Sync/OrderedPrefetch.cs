using System.Runtime.CompilerServices;

namespace PhishMe.Engine.Sync;

/// <summary>Fetches ahead in parallel and hands over in order, so that the network is busy while a page is being written.</summary>
internal static class OrderedPrefetch
{
    /// <param name="source">What to fetch; asked for the next element only when there is room, so it may depend on earlier answers.</param>
    /// <param name="depth">Fetches under way or waiting to be taken, at most.</param>
    /// <param name="fetch">One fetch; its result is disposed here if no one takes it.</param>
    /// <param name="cancellationToken">Stops everything.</param>
    public static async IAsyncEnumerable<TResult> FetchAheadAsync<TSource, TResult>(
        this IEnumerable<TSource> source,
        int depth,
        Func<TSource, CancellationToken, Task<TResult>> fetch,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where TResult : IDisposable
    {
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ahead = new Queue<Task<TResult>>(depth);
        using var elements = source.GetEnumerator();
        try
        {
            while (true)
            {
                while (ahead.Count < depth && elements.MoveNext())
                {
                    ahead.Enqueue(fetch(elements.Current, abandoned.Token));
                }

                if (!ahead.TryPeek(out var next))
                {
                    yield break;
                }

                var result = await next.ConfigureAwait(false);
                _ = ahead.Dequeue();
                yield return result;
            }
        }
        finally
        {
            await abandoned.CancelAsync().ConfigureAwait(false);
            foreach (var task in ahead)
            {
                try
                {
                    (await task.ConfigureAwait(false)).Dispose();
                }
                catch (Exception exception) when (exception is OperationCanceledException or Api.ApiException or Intelligence.PhishMeException)
                {
                    // No one waits for it any more; the first failure has been reported.
                }
            }
        }
    }
}
