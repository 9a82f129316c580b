using System.Net.Sockets;

namespace PhishMe.Torture.Hosts;

/// <summary>
/// Stands between a program and the socket of a PostgreSQL server, and cuts the connection at a commit: before the server hears of it, or when the server has
/// done it and the answer is on its way.
/// </summary>
internal sealed class CommitCutter : IAsyncDisposable
{
    private readonly string _server;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Lock _lock = new();
    private readonly Task _accepting;
    private int _fatal;
    private bool _isAnswered;

    /// <param name="server">The folder of the server's socket.</param>
    public CommitCutter(string server)
    {
        _server = Path.Combine(server, ".s.PGSQL.5432");
        Folder = Directory.CreateTempSubdirectory("phishme-cut-").FullName;
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(Folder, ".s.PGSQL.5432")));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>The folder of our socket.</summary>
    public string Folder { get; }

    /// <summary>Commits that passed or were cut.</summary>
    public int Commits { get; private set; }

    /// <summary>Connections that were cut.</summary>
    public int Cuts { get; private set; }

    /// <summary>Whether connections are refused once one was cut.</summary>
    public bool IsGoneThen { get; set; }

    /// <summary>Cuts once.</summary>
    /// <param name="number">Which commit from now on, from 1.</param>
    /// <param name="isAnswered">Whether the server does it first.</param>
    public void CutAt(int number, bool isAnswered)
    {
        lock (_lock)
        {
            (Commits, Cuts, _fatal, _isAnswered) = (0, 0, number, isAnswered);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        Directory.Delete(Folder, recursive: true);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptAsync());
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // It was disposed of.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            lock (_lock)
            {
                if (IsGoneThen && Cuts > 0)
                {
                    return;
                }
            }

            using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await server.ConnectAsync(new UnixDomainSocketEndPoint(_server));
            var swallowed = new TaskCompletionSource();
            var asked = AskAsync(client, server, swallowed);
            var answered = AnswerAsync(server, client, swallowed.Task);
            await Task.WhenAny(asked, answered);
        }
    }

    private async Task AskAsync(Socket client, Socket server, TaskCompletionSource swallowed)
    {
        var buffer = new byte[65_536];
        try
        {
            for (int count; (count = await client.ReceiveAsync(buffer)) > 0;)
            {
                var isFatal = buffer.AsSpan(0, count).IndexOf("COMMIT\0"u8) >= 0 && IsFatal();
                if (isFatal)
                {
                    swallowed.TrySetResult();
                    if (!_isAnswered)
                    {
                        return;
                    }
                }

                await server.SendAsync(buffer.AsMemory(0, count));
                if (isFatal)
                {
                    // The other direction ends the connection when the answer is there.
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System).WaitAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // One of the two is gone.
        }
    }

    private static async Task AnswerAsync(Socket server, Socket client, Task swallowed)
    {
        var buffer = new byte[65_536];
        try
        {
            for (int count; (count = await server.ReceiveAsync(buffer)) > 0 && !swallowed.IsCompleted;)
            {
                await client.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // One of the two is gone.
        }
    }

    private bool IsFatal()
    {
        lock (_lock)
        {
            Commits++;
            if (Commits != _fatal)
            {
                return false;
            }

            Cuts++;
            return true;
        }
    }
}
