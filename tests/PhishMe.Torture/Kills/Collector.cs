using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PhishMe.Torture.Kills;

/// <summary>
/// A syslog collector over TCP that outlives the runs that are killed. It takes whole lines only, as collectors do: what a dying sender left
/// unfinished was never an event.
/// </summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<string> _events = [];
    private readonly Task _accepting;

    public Collector()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>The keys of an output section that sends here.</summary>
    public string Keys => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        syslog_use = True
        syslog_host = 127.0.0.1
        syslog_port = {((IPEndPoint)_listener.LocalEndPoint!).Port}
        syslog_transport = tcp
        max_eps = 1000
        """);

    /// <summary>The events since the last <see cref="Clear"/>, in the order of arrival.</summary>
    public IReadOnlyList<string> Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    public void Clear()
    {
        lock (_events)
        {
            _events.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ReadAsync(await _listener.AcceptAsync());
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // It was disposed of.
        }
    }

    private async Task ReadAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                using var received = new MemoryStream();
                var buffer = new byte[65_536];
                for (int count; (count = await socket.ReceiveAsync(buffer)) > 0;)
                {
                    received.Write(buffer, 0, count);
                    Take(received);
                }

                // The close is what tells a sender that everything was read.
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // The sender died; what was whole has been taken.
            }
        }
    }

    private void Take(MemoryStream received)
    {
        ReadOnlySpan<byte> bytes = received.GetBuffer().AsSpan(0, (int)received.Length);
        var end = bytes.LastIndexOf((byte)'\n') + 1;
        var lines = Encoding.UTF8.GetString(bytes[..end]);
        var rest = bytes[end..].ToArray();
        received.SetLength(0);
        received.Write(rest);
        lock (_events)
        {
            _events.AddRange(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }
}
