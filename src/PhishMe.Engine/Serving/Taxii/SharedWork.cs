namespace PhishMe.Engine.Serving.Taxii;

/// <summary>
/// Work that is done once for all who want its result at the same time. It is stopped when all of them are gone; a client that hangs up takes nothing from the
/// others.
/// </summary>
/// <typeparam name="TKey">What tells one work from another.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
internal sealed class SharedWork<TKey, TResult>
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Flight> _flights = [];

    /// <summary>Waits for the result of the work that is under way, or begins it.</summary>
    /// <param name="key">What tells it from other work.</param>
    /// <param name="work">The work; it begins on another thread. Its token is cancelled when no one waits any longer.</param>
    /// <param name="cancellationToken">Ends the waiting of this caller.</param>
    public async Task<TResult> JoinAsync(TKey key, Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        Flight flight;
        lock (_gate)
        {
            if (!_flights.TryGetValue(key, out flight!))
            {
                _flights[key] = flight = new Flight();
                var (begun, stop) = (flight, flight.Stop.Token);
                begun.Result = Task.Run(
                    async () =>
                    {
                        try
                        {
                            return await work(stop).ConfigureAwait(false);
                        }
                        finally
                        {
                            End(key, begun);
                        }
                    },
                    CancellationToken.None);
            }

            flight.Waiting++;
        }

        try
        {
            return await flight.Result.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(key, flight);
        }
    }

    private void Leave(TKey key, Flight flight)
    {
        lock (_gate)
        {
            if (--flight.Waiting > 0)
            {
                return;
            }

            // From here on no one can join it.
            Remove(key, flight);
        }

        if (!flight.Result.IsCompleted)
        {
            flight.Stop.Cancel();
        }

        flight.Stop.Dispose();

        // No one is left who would look at its error.
        _ = flight.Result.ContinueWith(
            ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void End(TKey key, Flight flight)
    {
        lock (_gate)
        {
            Remove(key, flight);
        }
    }

    private void Remove(TKey key, Flight flight)
    {
        if (_flights.TryGetValue(key, out var known) && ReferenceEquals(known, flight))
        {
            _flights.Remove(key);
        }
    }

    private sealed class Flight
    {
        public CancellationTokenSource Stop { get; } = new();

        public Task<TResult> Result { get; set; } = null!;

        public int Waiting { get; set; }
    }
}
