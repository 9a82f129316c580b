using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>Waits for a server that restarts, or for the standby that takes its place, and takes the lease again if no other run had it meanwhile.</summary>
internal sealed class ServerReturn(TimeProvider clock)
{
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Connects again.</summary>
    /// <param name="store">The state whose connection broke.</param>
    /// <param name="cause">How it broke.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="PhishMeException">The server did not return in time, or another run took over.</exception>
    public async Task WaitAsync(SharedStateStore store, Exception cause, CancellationToken cancellationToken)
    {
        for (var began = clock.GetTimestamp(); ;)
        {
            try
            {
                await store.Session.ReopenAsync(cancellationToken).ConfigureAwait(false);
                SessionSettings.Apply(store.Session);
                store.Lease!.LockAgain();
                return;
            }
            catch (Exception exception) when (PostgreSqlErrors.IsOurs(exception))
            {
                if (!PostgreSqlErrors.IsConnectionLost(exception) || clock.GetElapsedTime(began) >= _longest)
                {
                    throw PostgreSqlErrors.Of(cause, store.Path);
                }
            }

            await Task.Delay(_pause, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks what became of a commit during which the connection broke.</summary>
    /// <param name="store">The state.</param>
    /// <param name="changes">The count of changes that the commit would have made.</param>
    /// <param name="cause">How the connection broke.</param>
    /// <exception cref="PhishMeException">Another run took over, or no one answers: then it is not known.</exception>
    public async Task<bool> WasCommittedAsync(SharedStateStore store, long changes, Exception cause)
    {
        try
        {
            await WaitAsync(store, cause, CancellationToken.None).ConfigureAwait(false);
            return await store.Session.RunAsync(() => store.Session.ScalarAsync("SELECT changes FROM phishme_state")).ConfigureAwait(false) as long? == changes;
        }
        catch (PhishMeException exception)
        {
            throw new PhishMeException(
                Faults.StateCommitUnknown,
                $"The connection to the PostgreSQL server broke while a batch was being committed, and it is not known whether it was: {exception.Fault.Message}",
                store.Path,
                exception);
        }
    }
}
