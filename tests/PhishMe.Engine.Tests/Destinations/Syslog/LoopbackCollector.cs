using System.Net;
using System.Net.Sockets;
using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;

namespace PhishMe.Engine.Tests.Destinations.Syslog;

/// <summary>A TCP collector within the test that can be told to misbehave, which real ones do only when nobody looks.</summary>
internal sealed class LoopbackCollector : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly MemoryStream _received = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly List<Socket> _open = [];
    private readonly Task _accepting;

    /// <param name="port">0 for any free one.</param>
    /// <param name="receiveBuffer">Bytes that its system takes for it when it does not read; null for what is usual.</param>
    public LoopbackCollector(int port = 0, int? receiveBuffer = null)
    {
        _listener.ReceiveBufferSize = receiveBuffer ?? _listener.ReceiveBufferSize;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen();
        Endpoint = new SyslogEndpoint
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)_listener.LocalEndPoint!).Port,
            Transport = SyslogTransport.Tcp,
            MaximumEventsPerSecond = 1000,
        };
        _accepting = AcceptAsync();
    }

    public SyslogEndpoint Endpoint { get; }

    /// <summary>Whether it reads what it is sent.</summary>
    public bool Reads { get; init; } = true;

    /// <summary>Whether it closes when the sender has.</summary>
    public bool Closes { get; init; } = true;

    public int Connections { get; private set; }

    public string Received
    {
        get
        {
            lock (_received)
            {
                return Encoding.UTF8.GetString(_received.ToArray());
            }
        }
    }

    /// <summary>The events, without what stands before them.</summary>
    public List<string> Events => [.. Received.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Replace("<29>", "", StringComparison.Ordinal))];

    /// <summary>Closes the first connection once exactly this has arrived.</summary>
    public async Task CloseAfterAsync(string text)
    {
        while (Received != text)
        {
            await _arrived.WaitAsync(TestContext.Current.CancellationToken);
        }

        lock (_open)
        {
            _open[0].Shutdown(SocketShutdown.Send);
        }
    }

    /// <summary>Closes every connection with whatever is unread, and the port.</summary>
    public async Task DropAsync()
    {
        StopListening();
        await _accepting;
        lock (_open)
        {
            _open.ForEach(socket => socket.Dispose());
        }
    }

    public void StopListening() => _listener.Dispose();

    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        _arrived.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync();
                Connections++;
                lock (_open)
                {
                    _open.Add(socket);
                }

                if (Reads)
                {
                    _ = ReadAsync(socket);
                }
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The listener was closed.
        }
    }

    private async Task ReadAsync(Socket socket)
    {
        try
        {
            var buffer = new byte[65_536];
            for (int count; (count = await socket.ReceiveAsync(buffer)) > 0;)
            {
                lock (_received)
                {
                    _received.Write(buffer, 0, count);
                }

                _arrived.Release();
            }

            // Not disposed here: so soon after a read that may reset the connection instead of closing it.
            if (Closes)
            {
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The connection was closed.
        }
    }
}
