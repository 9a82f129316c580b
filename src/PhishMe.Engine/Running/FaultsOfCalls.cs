using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;

namespace PhishMe.Engine.Running;

/// <summary>Turns what a call of the API throws into the fault a user sees.</summary>
internal static class FaultsOfCalls
{
    public static async Task<T> WithFaultsAsync<T>(this Task<T> call)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (ApiException exception)
        {
            throw exception.ToFault();
        }
    }

    public static async IAsyncEnumerable<T> WithFaultsAsync<T>(
        this IAsyncEnumerable<T> source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var items = source.GetAsyncEnumerator(cancellationToken);
        await using (items.ConfigureAwait(false))
        {
            while (await items.MoveNextAsync().AsTask().WithFaultsAsync().ConfigureAwait(false))
            {
                yield return items.Current;
            }
        }
    }
}
