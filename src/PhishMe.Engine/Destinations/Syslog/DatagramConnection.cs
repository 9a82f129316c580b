using System.Net.Sockets;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>UDP: a connected socket, so that the system reports a port that no one listens on.</summary>
internal sealed class DatagramConnection(Socket socket) : ISyslogConnection
{
    public int PreferredWrite => 0;

    public bool IsClosedByPeer => false;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken) =>
        await socket.SendAsync(frames, SocketFlags.None, cancellationToken).ConfigureAwait(false);

    public Task<(SyslogProof Proof, Exception? Cause)> FinishAsync(CancellationToken cancellationToken)
    {
        // An ICMP "port unreachable" for the last datagrams waits here.
        var pending = (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        return Task.FromResult<(SyslogProof, Exception?)>(
            pending == SocketError.Success ? (SyslogProof.Unproven, null) : (SyslogProof.Broken, new SocketException((int)pending)));
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
