using System.Net.Sockets;
using System.Text;

namespace PhishMe.Benchmarks;

/// <summary>Clients that cost a server something: some read a page slowly, some hang up in the middle of it, some send half a request.</summary>
/// <param name="server">The address.</param>
/// <param name="path">The path and query of a page.</param>
/// <param name="authorization">The credentials.</param>
internal sealed class BadClients(Uri server, string path, string authorization)
{
    private const int OfEachSort = 20;

    /// <summary>More than the server asks for, so that it lets them go on.</summary>
    private const int SlowBytes = 1024;

    private int _slow;
    private int _broken;

    /// <summary>How many came so far.</summary>
    public string Count => FormattableString.Invariant($"{_slow} slow and {_broken} broken connections");

    /// <summary>Goes on until it is stopped.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
        Enumerable.Range(0, OfEachSort).SelectMany(_ => (Task[])[AgainAsync(ReadSlowlyAsync, stop), AgainAsync(HangUpAsync, stop), AgainAsync(SendHalfAsync, stop)]));

    private static async Task AgainAsync(Func<Socket, CancellationToken, Task> visit, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 4096, LingerState = new LingerOption(true, 0) };
                await visit(socket, stop);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // The server closed it, or this is the end.
            }
        }
    }

    private async Task ReadSlowlyAsync(Socket socket, CancellationToken stop)
    {
        await AskAsync(socket, whole: true, stop);
        Interlocked.Increment(ref _slow);
        var buffer = new byte[SlowBytes / 4];
        while (await socket.ReceiveAsync(buffer, stop) > 0)
        {
            await Task.Delay(250, stop);
        }
    }

    private async Task HangUpAsync(Socket socket, CancellationToken stop)
    {
        await AskAsync(socket, whole: true, stop);
        Interlocked.Increment(ref _broken);
        await socket.ReceiveAsync(new byte[100], stop);
        socket.Close();
        await Task.Delay(500, stop);
    }

    private async Task SendHalfAsync(Socket socket, CancellationToken stop)
    {
        await AskAsync(socket, whole: false, stop);
        Interlocked.Increment(ref _broken);

        // Until the server loses patience.
        await socket.ReceiveAsync(new byte[100], stop);
    }

    private async Task AskAsync(Socket socket, bool whole, CancellationToken stop)
    {
        await socket.ConnectAsync(server.DnsSafeHost, server.Port, stop);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: {authorization}\r\nConnection: close\r\n{(whole ? "\r\n" : string.Empty)}"),
            stop);
    }
}
