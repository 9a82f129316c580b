using System.Net.Security;
using System.Net.Sockets;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>
/// TCP, with or without TLS. Syslog has no acknowledgements; what stands in for them is the close: after ours, a collector that has
/// read everything closes in order, and one that has not makes its system send a reset.
/// </summary>
internal sealed class StreamConnection : ISyslogConnection
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly TimeSpan _writeTimeout;
    private readonly TimeSpan _closeTimeout;
    private readonly TimeProvider _time;
    private CancellationTokenSource _watched = new();
    private Task _peerClose;
    private bool _torn;

    /// <summary>Takes over a connected socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="stream">The stream over it: plain, or authenticated TLS.</param>
    /// <param name="endpoint">The time limits.</param>
    /// <param name="time">The clock of the time limits.</param>
    public StreamConnection(Socket socket, Stream stream, SyslogEndpoint endpoint, TimeProvider time)
    {
        _socket = socket;
        _stream = stream;
        _writeTimeout = endpoint.WriteTimeout;
        _closeTimeout = endpoint.CloseTimeout;
        _time = time;
        _peerClose = WatchAsync(_watched.Token);
    }

    public int PreferredWrite => 64 * 1024;

    public bool IsClosedByPeer =>
        _peerClose.IsCompleted || (_socket.Poll(TimeSpan.Zero, SelectMode.SelectRead) && _socket.Available == 0);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_writeTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        _torn = true;
        try
        {
            await _stream.WriteAsync(frames, linked.Token).ConfigureAwait(false);
            await _stream.FlushAsync(linked.Token).ConfigureAwait(false);
            _torn = false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"It accepted no data for {_writeTimeout.TotalSeconds:0.#} s.");
        }
        catch (IOException broken)
        {
            // What the collector said before it went (a TLS alert) explains more than "broken pipe". The reader may be a moment behind.
            await _peerClose.WaitAsync(_closeTimeout, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_peerClose.IsFaulted)
            {
                throw new IOException(broken.Message, _peerClose.Exception!.InnerException);
            }

            throw;
        }
    }

    public async Task<(SyslogProof Proof, Exception? Cause)> FinishAsync(CancellationToken cancellationToken)
    {
        var closedBefore = IsClosedByPeer;
        using var timeout = new CancellationTokenSource(_closeTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            if (_stream is SslStream tls)
            {
                await ShutDownAsync(tls).WaitAsync(linked.Token).ConfigureAwait(false);
            }

            _socket.Shutdown(SocketShutdown.Send);
            await _peerClose.WaitAsync(linked.Token).ConfigureAwait(false);
            return await WhetherTakenAsync(closedBefore, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // No close within the time. If its system has every byte, the collector is one that does not close.
            return TcpPhases.Of(_socket) == TcpPhase.Unacknowledged
                ? (SyslogProof.Broken, new TimeoutException($"It did not accept everything within {_closeTimeout.TotalSeconds:0.#} s."))
                : (SyslogProof.Unproven, null);
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            return (SyslogProof.Broken, _peerClose.IsFaulted ? _peerClose.Exception!.InnerException : broken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A pending read would turn the close into a reset, and with it some receivers drop what they have not read yet.
        await StopWatchingAsync().ConfigureAwait(false);

        // After half an event the reset is wanted: an orderly end would make the receiver log the half.
        if (_torn)
        {
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        else
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }

        _socket.Dispose();
        _watched.Dispose();
    }

    /// <summary>
    /// Closes TLS while no one reads. The session tickets of TLS 1.3 come behind the handshake, and a shutdown that meets the read which takes one
    /// apart fails in OpenSSL ("shutdown while in init"): SslStream keeps reads from writes, but not from this.
    /// </summary>
    private async Task ShutDownAsync(SslStream tls)
    {
        await StopWatchingAsync().ConfigureAwait(false);
        await tls.ShutdownAsync().ConfigureAwait(false);
        if (_peerClose.IsCanceled)
        {
            _watched.Dispose();
            _watched = new CancellationTokenSource();
            _peerClose = WatchAsync(_watched.Token);
        }
    }

    private async Task StopWatchingAsync()
    {
        await _watched.CancelAsync().ConfigureAwait(false);
        await _peerClose.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Reads until the collector closes. Nothing is expected, but a close, a reset or a TLS alert shows only to a reader.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var scratch = new byte[1024];
        while (await _stream.ReadAsync(scratch, cancellationToken).ConfigureAwait(false) > 0)
        {
        }

        // Behind TLS's own close the connection itself is still open.
        if (_stream is SslStream)
        {
            while (await _socket.ReceiveAsync(scratch, cancellationToken).ConfigureAwait(false) > 0)
            {
            }
        }
    }

    /// <summary>Both sides have closed. Whether ours was still under way to a socket that is gone shows when it is acknowledged or reset.</summary>
    private async Task<(SyslogProof Proof, Exception? Cause)> WhetherTakenAsync(bool closedBefore, CancellationToken cancellationToken)
    {
        TcpPhase phase;
        while ((phase = TcpPhases.Of(_socket)) == TcpPhase.Unacknowledged)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), _time, cancellationToken).ConfigureAwait(false);
        }

        // Where the system does not tell, a close that came first proves nothing.
        if (phase == TcpPhase.Unknown)
        {
            return closedBefore ? (SyslogProof.Broken, null) : (SyslogProof.Delivered, null);
        }

        var pending = (SocketError)(int)_socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        return pending == SocketError.Success ? (SyslogProof.Delivered, null) : (SyslogProof.Broken, new SocketException((int)pending));
    }
}
