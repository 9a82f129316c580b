using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Network;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>Opens connections to a syslog collector: name, socket, TLS.</summary>
/// <param name="endpoint">The collector.</param>
/// <param name="time">The clock of the time limit.</param>
/// <param name="resolve">Finds the addresses of a name.</param>
internal sealed class SyslogConnector(SyslogEndpoint endpoint, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>> resolve) : IDisposable
{
    private PeerTrust? _trust;

    /// <summary>Opens a connection within the time limit of the endpoint.</summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="PhishMeException">The collector cannot be reached, or a certificate was refused.</exception>
    public async Task<ISyslogConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(endpoint.ConnectTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await OpenAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable($"The collector did not answer within {endpoint.ConnectTimeout.TotalSeconds:0.#} s.", late);
        }
    }

    public void Dispose() => _trust?.Dispose();

    private async Task<ISyslogConnection> OpenAsync(CancellationToken cancellationToken)
    {
        // Files first: a wrong path should not depend on the network.
        if (endpoint.Transport == SyslogTransport.Tls)
        {
            _trust ??= TrustOf(endpoint);
        }

        var socket = await ConnectSocketAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (endpoint.Transport == SyslogTransport.Udp)
            {
                return new DatagramConnection(socket);
            }

            socket.NoDelay = true;
            Stream stream = new NetworkStream(socket, ownsSocket: false);
            if (_trust is not null)
            {
                stream = await HandshakeAsync(stream, _trust, cancellationToken).ConfigureAwait(false);
            }

            return new StreamConnection(socket, stream, endpoint, time);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Resolves once and takes the first address that answers, in the system's order (RFC 6724).</summary>
    private async Task<Socket> ConnectSocketAsync(CancellationToken cancellationToken)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await resolve(endpoint.Address, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException unknown)
        {
            throw Unreachable($"The name of the collector cannot be resolved: {unknown.Message}.", unknown);
        }

        SocketException? last = null;
        foreach (var address in addresses)
        {
            var datagram = endpoint.Transport == SyslogTransport.Udp;
            Socket? socket = null;
            try
            {
                socket = new Socket(
                    address.AddressFamily, datagram ? SocketType.Dgram : SocketType.Stream, datagram ? ProtocolType.Udp : ProtocolType.Tcp);
                await socket.ConnectAsync(new IPEndPoint(address, endpoint.Port), cancellationToken).ConfigureAwait(false);
                return socket;
            }
            catch (SocketException refused)
            {
                socket?.Dispose();
                last = refused;
            }
            catch
            {
                socket?.Dispose();
                throw;
            }
        }

        throw Unreachable(
            last is null ? "The name of the collector has no address." : $"The collector cannot be reached: {last.Message}.", last);
    }

    private async Task<Stream> HandshakeAsync(Stream inner, PeerTrust trust, CancellationToken cancellationToken)
    {
        var tls = new SslStream(inner, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(trust.Options(endpoint.ServerName ?? endpoint.Address), cancellationToken).ConfigureAwait(false);
            return tls;
        }
        catch (Exception failed) when (failed is AuthenticationException or IOException)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw new PhishMeException(
                Faults.SyslogCertificateRefused,
                trust.Refusal is { } refusal
                    ? $"The collector's certificate was refused: {refusal}."
                    : $"The TLS handshake with the collector failed: {failed.GetBaseException().Message}",
                endpoint.ToString(),
                failed);
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static PeerTrust TrustOf(SyslogEndpoint endpoint) => new(new PeerTrustSettings
    {
        AuthorityFile = endpoint.AuthorityFile,
        AuthorityKey = "syslog_ca_file",
        ClientCertificate = endpoint.ClientCertificateFile is { } file
            ? new ClientCertificateSettings { File = file, KeyFile = endpoint.ClientKeyFile, Password = endpoint.ClientKeyPassword }
            : null,
        Unreadable = Faults.SyslogCertificateRefused,
    });

    /// <summary>The failure of a collector that does not answer, or not any more.</summary>
    public PhishMeException Unreachable(string message, Exception? cause) =>
        new(Faults.SyslogUnreachable, message, endpoint.ToString(), cause);
}
