namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>One open way to the collector. Not for concurrent use.</summary>
internal interface ISyslogConnection : IAsyncDisposable
{
    /// <summary>How many framed bytes to collect before a write; 0 when every event is a write of its own.</summary>
    int PreferredWrite { get; }

    /// <summary>Whether the collector has closed its side or the connection broke.</summary>
    bool IsClosedByPeer { get; }

    /// <summary>Hands framed events to the operating system.</summary>
    /// <param name="frames">One frame for datagrams, any number of whole frames otherwise.</param>
    /// <param name="cancellationToken">Ends the write; the connection is then of no further use.</param>
    ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken);

    /// <summary>Closes in order and finds out whether everything has been read. Afterwards the connection is of no further use.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What is known, and the error behind <see cref="SyslogProof.Broken"/> if there is one.</returns>
    Task<(SyslogProof Proof, Exception? Cause)> FinishAsync(CancellationToken cancellationToken);
}
