namespace PhishMe.Intelligence;

/// <summary>Sends events to a syslog collector. Not for concurrent use.</summary>
public interface IEventSender : IAsyncDisposable
{
    /// <summary>Sends events in order, no faster than the collector is said to take them.</summary>
    /// <param name="events">The events, each without a line break.</param>
    /// <param name="cancellationToken">Ends the call; what was under way then counts as not sent.</param>
    /// <returns>The events set aside: index and reason.</returns>
    /// <exception cref="PhishMeException">The collector cannot be reached, or stopped taking events.</exception>
    Task<IReadOnlyList<(int Index, string Reason)>> SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken);

    /// <summary>Asks the collector, as far as the transport allows, whether everything has arrived.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What became of everything sent so far.</returns>
    /// <exception cref="PhishMeException">Something is known to have been lost.</exception>
    Task<EventDelivery> ConfirmAsync(CancellationToken cancellationToken);
}
