using System.Net.Sockets;
using System.Text;

namespace PhishMe.Engine.Tests.Serving;

/// <summary>Bytes on a socket: no client library sends what an attacker does.</summary>
internal static class RawHttp
{
    /// <summary>Opens a connection.</summary>
    public static async Task<Socket> ConnectAsync(Uri address, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.DnsSafeHost, address.Port, cancellationToken);
        return socket;
    }

    /// <summary>Sends bytes, one per character, and reads until the server closes.</summary>
    /// <param name="address">The server.</param>
    /// <param name="bytes">The request; one that is whole asks the server to close.</param>
    /// <param name="closes">Whether this side says that nothing more comes, for a request that may not be whole: the answer may be missing then.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The whole answer; empty when the server closed without one.</returns>
    public static async Task<string> AskAsync(Uri address, string bytes, bool closes, CancellationToken cancellationToken)
    {
        using var socket = await ConnectAsync(address, cancellationToken);
        try
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(bytes), cancellationToken);
            if (closes)
            {
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (SocketException)
        {
            // Refused before everything was sent; the answer may be there.
        }

        return await ReadAsync(socket, cancellationToken);
    }

    /// <summary>Reads until the server closes.</summary>
    public static async Task<string> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        var answer = new StringBuilder();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, cancellationToken) is > 0 and var length)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, length));
            }
        }
        catch (SocketException)
        {
            // Reset by the server.
        }

        return answer.ToString();
    }
}
