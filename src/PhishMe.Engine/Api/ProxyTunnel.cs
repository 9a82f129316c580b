using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using PhishMe.Engine.Network;

namespace PhishMe.Engine.Api;

/// <summary>
/// Opens connections to the API through a proxy with CONNECT (RFC 9110 section 9.3.6). Our own, because the one of .NET hands the User-Agent of the
/// first request to the proxy, and with it which outputs run here: the proxy learns the host and its own credentials, nothing else.
/// </summary>
internal sealed class ProxyTunnel(Uri proxy, NetworkCredential? credentials, PeerTrust trust)
{
    /// <summary>An answer to CONNECT is a few lines.</summary>
    private const int LongestAnswer = 16 * 1024;

    /// <summary>Connects to the proxy and asks it for a way to the destination.</summary>
    /// <param name="destination">The API.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The stream behind the proxy, on which TLS with the API begins.</returns>
    /// <exception cref="ProxyRefusedException">The proxy does not open the way.</exception>
    public async ValueTask<Stream> OpenAsync(DnsEndPoint destination, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(proxy.IdnHost, proxy.Port, cancellationToken).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (proxy.Scheme == Uri.UriSchemeHttps)
            {
                var tls = new SslStream(stream);
                stream = tls;
                await tls.AuthenticateAsClientAsync(trust.Options(proxy.IdnHost), cancellationToken).ConfigureAwait(false);
            }

            await stream.WriteAsync(Request(destination), cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            await AgreedAsync(stream, cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }

            socket.Dispose();
            throw;
        }
    }

    private byte[] Request(DnsEndPoint destination)
    {
        var host = destination.Host.Contains(':', StringComparison.Ordinal) ? $"[{destination.Host.Trim('[', ']')}]" : destination.Host;
        var authority = string.Create(CultureInfo.InvariantCulture, $"{host}:{destination.Port}");
        var authorization = credentials is null
            ? string.Empty
            : $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.UserName}:{credentials.Password}"))}\r\n";
        return Encoding.ASCII.GetBytes($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{authorization}\r\n");
    }

    /// <summary>Reads the head of the answer and not a byte more: what follows belongs to the TLS handshake.</summary>
    private static async ValueTask AgreedAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new List<byte>(256);
        var one = new byte[1];
        while (!EndsHead(head))
        {
            if (head.Count == LongestAnswer)
            {
                throw new IOException("The proxy answers CONNECT with something that is not HTTP.");
            }

            if (await stream.ReadAsync(one, cancellationToken).ConfigureAwait(false) == 0)
            {
                throw new IOException("The proxy closed the connection before it answered.");
            }

            head.Add(one[0]);
        }

        var line = Encoding.Latin1.GetString([.. head]).Split("\r\n", 2)[0];
        var parts = line.Split(' ', 3);
        if (parts.Length < 2 || !parts[0].StartsWith("HTTP/", StringComparison.Ordinal)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var status))
        {
            throw new IOException("The proxy answers CONNECT with something that is not HTTP.");
        }

        if (status is < 200 or > 299)
        {
            throw new ProxyRefusedException((HttpStatusCode)status, string.Join(' ', parts[1..]));
        }
    }

    private static bool EndsHead(List<byte> head) => head is [.., (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n'];
}
