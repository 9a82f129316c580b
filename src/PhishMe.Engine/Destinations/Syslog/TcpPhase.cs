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

    private const int WindowsTcpInfo = unchecked((int)0xD800_0027); // SIO_TCP_INFO, mstcpip.h; Windows 10 1703 and later

    /// <summary>Asks. Only Linux and Windows are asked; elsewhere the answer is <see cref="TcpPhase.Unknown"/>.</summary>
    /// <param name="socket">The socket.</param>
    /// <returns>The phase.</returns>
    public static TcpPhase Of(Socket socket)
    {
        if (OperatingSystem.IsWindows())
        {
            return OfWindows(socket);
        }

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

    /// <summary>The first number of TCP_INFO_v0 is the state.</summary>
    internal static TcpPhase OfWindowsState(int state) => state switch
    {
        6 => TcpPhase.Acknowledged, // TCPSTATE_FIN_WAIT_2
        0 or 10 => TcpPhase.Over, // TCPSTATE_CLOSED, TCPSTATE_TIME_WAIT
        _ => TcpPhase.Unacknowledged,
    };

    private static TcpPhase OfWindows(Socket socket)
    {
        var version = new byte[sizeof(uint)];
        var information = new byte[256];
        try
        {
            return socket.IOControl(WindowsTcpInfo, version, information) >= sizeof(int)
                ? OfWindowsState(BitConverter.ToInt32(information))
                : TcpPhase.Unknown;
        }
        catch (SocketException)
        {
            return TcpPhase.Unknown; // an older Windows, or a connection that is gone
        }
    }
}
