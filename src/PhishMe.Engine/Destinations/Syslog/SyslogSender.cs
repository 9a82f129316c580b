using System.Buffers;
using System.Net;
using System.Net.Sockets;
using PhishMe.Engine.Network;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>
/// Sends events to a syslog collector: keeps one connection, holds the rate, and reports what has arrived. Not for concurrent use.
/// </summary>
/// <remarks>
/// The caller keeps events until <see cref="ConfirmAsync"/> has confirmed them, which makes delivery over TCP and TLS at least once:
/// <code>
/// var delivery = await sender.SendAsync(batch, cancellationToken);
/// var confirmation = delivery.Failure is null ? await sender.ConfirmAsync(cancellationToken) : null;
/// if (confirmation?.Failure is null) outbox.Remove(batch); // otherwise repeat the batch
/// </code>
/// A confirmation costs a new connection, so confirm some thousand events at a time.
/// </remarks>
internal sealed class SyslogSender : IAsyncDisposable
{
    /// <summary>Between its connections and its port a daemon that is being stopped closes them in no time, but not at once.</summary>
    private static readonly TimeSpan LastGasp = TimeSpan.FromMilliseconds(50);

    private readonly SyslogEndpoint _endpoint;
    private readonly TimeProvider _time;
    private readonly SyslogFramer _framer;
    private readonly TokenBucket? _budget;
    private readonly SyslogConnector _connector;
    private readonly ArrayBufferWriter<byte> _frames = new(128 * 1024);
    private ISyslogConnection? _connection;
    private int _unconfirmed;

    /// <summary>Creates a sender; nothing is opened yet.</summary>
    /// <param name="endpoint">The collector.</param>
    /// <param name="time">The clock of timestamps, rate and time limits; null for the system's.</param>
    public SyslogSender(SyslogEndpoint endpoint, TimeProvider? time = null)
        : this(endpoint, time ?? TimeProvider.System, limited: true, Dns.GetHostAddressesAsync)
    {
    }

    /// <summary>Creates a sender for a test.</summary>
    /// <param name="endpoint">The collector.</param>
    /// <param name="time">The clock.</param>
    /// <param name="limited">Whether the rate is held.</param>
    /// <param name="resolve">Finds the addresses of a name.</param>
    internal SyslogSender(
        SyslogEndpoint endpoint, TimeProvider time, bool limited, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        _endpoint = endpoint;
        _time = time;
        _framer = new SyslogFramer(endpoint, time, Dns.GetHostName(), Environment.ProcessId);
        _budget = limited ? new TokenBucket(endpoint.MaximumEventsPerSecond, time) : null;
        _connector = new SyslogConnector(endpoint, time, resolve ?? Dns.GetHostAddressesAsync);
    }

    /// <summary>Events handed over that no confirmation has covered yet.</summary>
    public int Unconfirmed => _unconfirmed;

    /// <summary>Connects now instead of with the first event, to test the path. No effect while connected.</summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>A task.</returns>
    /// <exception cref="PhishMeException">The collector cannot be reached, or a certificate was refused.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (_connection is not null)
        {
            return;
        }

        _connection = await _connector.ConnectAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends one event.</summary>
    /// <param name="message">The event without a line break.</param>
    /// <param name="cancellationToken">Ends the call; what was under way then counts as not sent.</param>
    /// <returns>What became of it.</returns>
    public ValueTask<SyslogDelivery> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
        SendAsync([message], cancellationToken);

    /// <summary>Sends events in order, no faster than the endpoint allows. A collector that fails is an answer, not an exception.</summary>
    /// <param name="messages">The events, each without a line break.</param>
    /// <param name="cancellationToken">Ends the call; what was under way then counts as not sent.</param>
    /// <returns>What became of them.</returns>
    public async ValueTask<SyslogDelivery> SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var progress = new Progress();
        try
        {
            await DropIfClosedAsync(cancellationToken).ConfigureAwait(false);
            await ConnectAsync(cancellationToken).ConfigureAwait(false);
            await SendAllAsync(messages, progress, cancellationToken).ConfigureAwait(false);
            return progress.Result(null);
        }
        catch (PhishMeException failure)
        {
            await AbandonAsync().ConfigureAwait(false);
            return progress.Result(failure);
        }
        catch (Exception broken) when (broken is IOException or SocketException or TimeoutException)
        {
            await AbandonAsync().ConfigureAwait(false);
            return progress.Result(Broken(broken));
        }
        catch
        {
            // Half an event may have been written: nothing more must follow it.
            await AbandonAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Closes the connection in order and waits until the collector has closed its side, the only sign in syslog that it has read everything.
    /// Then opens the next one: a collector that closed because it is being stopped may have dropped what it had read, and does not answer again.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; then nothing is known.</param>
    /// <returns>What is known about the events sent since the last confirmation or failure.</returns>
    public async Task<SyslogConfirmation> ConfirmAsync(CancellationToken cancellationToken)
    {
        var confirmation = await CloseAsync(cancellationToken).ConfigureAwait(false);
        if (confirmation is not { Proof: SyslogProof.Delivered, Events: > 0 })
        {
            return confirmation;
        }

        try
        {
            await ConnectAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(LastGasp, _time, cancellationToken).ConfigureAwait(false);
            if (!_connection!.IsClosedByPeer)
            {
                return confirmation;
            }

            await AbandonAsync().ConfigureAwait(false);
            return confirmation with { Proof = SyslogProof.Broken, Failure = _connector.Unreachable("The collector stopped while it was receiving the events.", null) };
        }
        catch (PhishMeException gone)
        {
            return confirmation with { Proof = SyslogProof.Broken, Failure = gone };
        }
    }

    /// <summary>Closes the connection; if events are on their way, in order and within the close timeout, so that they arrive.</summary>
    /// <returns>A task.</returns>
    public async ValueTask DisposeAsync()
    {
        if (_unconfirmed > 0)
        {
            await CloseAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await AbandonAsync().ConfigureAwait(false);
        _connector.Dispose();
    }

    private async Task<SyslogConfirmation> CloseAsync(CancellationToken cancellationToken)
    {
        var events = _unconfirmed;
        if (_connection is null)
        {
            return new SyslogConfirmation(SyslogProof.Delivered, events);
        }

        try
        {
            var (proof, cause) = await _connection.FinishAsync(cancellationToken).ConfigureAwait(false);
            return new SyslogConfirmation(proof, events, proof == SyslogProof.Broken ? Broken(cause) : null);
        }
        finally
        {
            await AbandonAsync().ConfigureAwait(false);
        }
    }

    private async Task SendAllAsync(IReadOnlyList<ReadOnlyMemory<byte>> messages, Progress progress, CancellationToken cancellationToken)
    {
        var granted = 0;
        var collected = 0;
        _frames.ResetWrittenCount();
        for (var index = 0; index < messages.Count; index++)
        {
            if (granted == 0)
            {
                // Do not sit on events while waiting for the rate.
                await FlushAsync(index).ConfigureAwait(false);
                granted = _budget is null
                    ? messages.Count - index
                    : await _budget.TakeAsync(messages.Count - index, cancellationToken).ConfigureAwait(false);
            }

            if (_framer.Write(messages[index].Span, _frames, out var oversized) is { } reason)
            {
                progress.Reject(index, reason);
                continue;
            }

            granted--;
            collected++;
            if (oversized)
            {
                progress.Oversized++;
            }

            if (_frames.WrittenCount > _connection!.PreferredWrite)
            {
                await FlushAsync(index + 1).ConfigureAwait(false);
            }
        }

        await FlushAsync(messages.Count).ConfigureAwait(false);

        async ValueTask FlushAsync(int settled)
        {
            if (collected > 0)
            {
                // Counted first: when a write fails, no one knows how much of it has left.
                _unconfirmed += collected;
                try
                {
                    await _connection!.WriteAsync(_frames.WrittenMemory, cancellationToken).ConfigureAwait(false);
                    progress.Sent += collected;
                }
                catch (SocketException tooLarge) when (tooLarge.SocketErrorCode == SocketError.MessageSize)
                {
                    // The path takes less than the protocol allows.
                    _unconfirmed -= collected;
                    progress.Reject(settled - 1, SyslogRejectionReason.TooLarge);
                }
            }

            collected = 0;
            _frames.ResetWrittenCount();
            progress.Settled = settled;
        }
    }

    /// <summary>A connection that the collector closed between two calls: harmless if it had read everything.</summary>
    private async Task DropIfClosedAsync(CancellationToken cancellationToken)
    {
        if (_connection is not { IsClosedByPeer: true })
        {
            return;
        }

        var confirmation = await CloseAsync(cancellationToken).ConfigureAwait(false);
        if (confirmation is { Failure: { } failure, Events: > 0 })
        {
            throw failure;
        }
    }

    private async Task AbandonAsync()
    {
        _unconfirmed = 0;
        if (_connection is not { } connection)
        {
            return;
        }

        _connection = null;
        await connection.DisposeAsync().ConfigureAwait(false);
    }

    private PhishMeException Broken(Exception? cause) => (cause, cause?.GetBaseException()) switch
    {
        (null, _) => _connector.Unreachable("The collector closed the connection before it had read all events.", cause),
        (TimeoutException late, _) => _connector.Unreachable($"The collector is too slow. {late.Message}", late),
        (_, SocketException or IOException or ObjectDisposedException) =>
            _connector.Unreachable($"The connection to the collector broke: {cause.GetBaseException().Message}.", cause),

        // Under TLS 1.3 a collector that does not like our certificate says so only after the handshake.
        (_, var alert) => new PhishMeException(
            Faults.SyslogCertificateRefused, $"The collector ended the TLS session: {alert!.Message}", _endpoint.ToString(), cause),
    };

    /// <summary>What a call has achieved so far.</summary>
    private sealed class Progress
    {
        private readonly List<SyslogRejection> _rejected = [];

        public int Sent { get; set; }

        public int Settled { get; set; }

        public int Oversized { get; set; }

        public void Reject(int index, SyslogRejectionReason reason) => _rejected.Add(new SyslogRejection(index, reason));

        public SyslogDelivery Result(PhishMeException? failure) =>
            new() { Sent = Sent, Settled = Settled, Rejected = _rejected, Oversized = Oversized, Failure = failure };
    }
}
