using System.Net.Sockets;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>Where a connection stands once our side has closed (RFC 9293 section 3.3.2).</summary>
internal enum TcpPhase
{
    /// <summary>The system does not tell.</summary>
    Unknown,

    /// <summary>FIN-WAIT-1, CLOSING, LAST-ACK (or not closed yet): something of ours is not acknowledged.</summary>
    Unacknowledged,

    /// <summary>FIN-WAIT-2: all of ours is acknowledged, the other side is still open.</summary>
    Acknowledged,

    /// <summary>TIME-WAIT or CLOSED.</summary>
    Over,
}

/// <summary>Asks the operating system for the phase.</summary>
internal static class TcpPhases
{
    private const int ProtocolTcp = 6;
    private const int LinuxTcpInfo = 11;

    /// <summary>Asks. Only Linux is asked; elsewhere the answer is <see cref="TcpPhase.Unknown"/>.</summary>
    /// <param name="socket">The socket.</param>
    /// <returns>The phase.</returns>
    public static TcpPhase Of(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return TcpPhase.Unknown;
        }

        Span<byte> info = stackalloc byte[256];
        socket.GetRawSocketOption(ProtocolTcp, LinuxTcpInfo, info);
        // The first byte of struct tcp_info is the state; numbers of the kernel's enum.
        return info[0] switch
        {
            5 => TcpPhase.Acknowledged,
            6 or 7 => TcpPhase.Over,
            _ => TcpPhase.Unacknowledged,
        };
    }
}
