using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PhishMe.Engine.Tests.Network;

/// <summary>A server on loopback that answers every connection with the same bytes, or passes it on, and remembers the heads of requests.</summary>
internal sealed class CannedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, byte[]> _answer;
    private readonly bool _tunnels;
    private readonly List<string> _heads = [];
    private readonly Task _serving;

    /// <param name="answer">The answer to the head of a request.</param>
    /// <param name="tunnels">Whether what follows is passed on to where the request (CONNECT) wants to go.</param>
    public CannedServer(Func<string, byte[]> answer, bool tunnels = false)
    {
        _answer = answer;
        _tunnels = tunnels;
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Uri => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public IReadOnlyList<string> Heads
    {
        get
        {
            lock (_heads)
            {
                return [.. _heads];
            }
        }
    }

    public static byte[] Http(string head, byte[] body) =>
        [.. Encoding.ASCII.GetBytes(FormattableString.Invariant($"HTTP/1.1 {head}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n")), .. body];

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The listener was closed.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        try
        {
            using var open = client;
            var stream = client.GetStream();
            var head = new StringBuilder();
            var one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
            {
                head.Append((char)one[0]);
            }

            lock (_heads)
            {
                _heads.Add(head.ToString());
            }

            await stream.WriteAsync(_answer(head.ToString()));
            if (_tunnels)
            {
                var target = head.ToString().Split(' ')[1].Split(':');
                using var onward = new TcpClient();
                await onward.ConnectAsync(target[0], int.Parse(target[1], System.Globalization.CultureInfo.InvariantCulture));
                await Task.WhenAny(stream.CopyToAsync(onward.GetStream()), onward.GetStream().CopyToAsync(stream));
            }
        }
        catch (Exception ended) when (ended is SocketException or IOException or ObjectDisposedException)
        {
            // One side went away.
        }
    }
}
