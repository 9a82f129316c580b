using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Tests.Network;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Destinations.Syslog;

/// <summary>Certificates that must be refused, each with a message that says why.</summary>
public sealed class SyslogTlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task A_certificate_for_the_host_from_the_authority_is_accepted() =>
        Assert.Null(await FailureAsync(_certificates.Server, e => e));

    [Fact]
    public async Task The_server_name_replaces_the_host_in_the_check()
    {
        using var other = _certificates.Issue("siem.example");
        Assert.Null(await FailureAsync(other, e => e with { ServerName = "siem.example" }));
    }

    [Fact]
    public async Task A_certificate_for_another_host_is_refused()
    {
        using var other = _certificates.Issue("other.example");
        var failure = await FailureAsync(other, e => e with { ServerName = "siem.example" });
        Assert.Contains("wrong host: the certificate is for other.example, not for siem.example", failure!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("untrusted", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused()
    {
        using var expired = _certificates.Issue(
            "localhost", new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddYears(-1), DateTimeOffset.UtcNow.AddDays(-2));
        var failure = await FailureAsync(expired, e => e);
        Assert.Contains($"expired: the certificate ended on {expired.NotAfter.ToUniversalTime():yyyy-MM-dd}", failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_self_signed_certificate_is_refused_unless_it_is_itself_named_as_trusted()
    {
        using var selfSigned = _certificates.Issue("localhost", selfSigned: true);
        var failure = await FailureAsync(selfSigned, e => e);
        Assert.Contains("self-signed: the certificate is not trusted by the system or by syslog_ca_file", failure!.Message, StringComparison.Ordinal);
        var (file, _) = _certificates.Save(selfSigned, "pinned");
        Assert.Null(await FailureAsync(selfSigned, e => e with { AuthorityFile = file }));
    }

    [Fact]
    public async Task A_certificate_from_an_unknown_authority_is_refused()
    {
        using var others = new TestCertificates("Somebody else");
        var failure = await FailureAsync(others.Server, e => e);
        Assert.Contains("untrusted: its issuer Somebody else is not trusted by the system or by syslog_ca_file", failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_file_of_authorities_those_of_the_system_decide()
    {
        var failure = await FailureAsync(_certificates.Server, e => e with { AuthorityFile = null });
        Assert.Contains("untrusted: its issuer Test authority is not trusted by the system", failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_named()
    {
        var missing = _certificates.InFolder("missing.pem");
        var failure = await FailureAsync(_certificates.Server, e => e with { AuthorityFile = missing });
        Assert.Equal(missing, failure!.Fault.Where);
        failure = await FailureAsync(_certificates.Server, e => e with { ClientCertificateFile = missing });
        Assert.Equal(missing, failure!.Fault.Where);
    }

    [Fact]
    public async Task A_client_certificate_is_shown_from_pem_and_from_pkcs12_with_a_password()
    {
        Assert.Null(await FailureAsync(
            _certificates.Server, e => e with { ClientCertificateFile = _certificates.ClientFile, ClientKeyFile = _certificates.ClientKeyFile }, "CN=phishme-client"));
        using var client = X509Certificate2.CreateFromPemFile(_certificates.ClientFile, _certificates.ClientKeyFile);
        var file = _certificates.InFolder("client.pfx");
        await File.WriteAllBytesAsync(file, client.ExportPkcs12(Pkcs12ExportPbeParameters.Default, "hush"), Stop);
        Assert.Null(await FailureAsync(
            _certificates.Server, e => e with { ClientCertificateFile = file, ClientKeyPassword = "hush" }, "CN=phishme-client"));
        var failure = await FailureAsync(_certificates.Server, e => e with { ClientCertificateFile = file, ClientKeyPassword = "wrong" });
        Assert.Equal(file, failure!.Fault.Where);
        Assert.DoesNotContain("wrong", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_speaks_no_tls_is_a_clear_fault()
    {
        await using var collector = new LoopbackCollector();
        await using var sender = new SyslogSender(
            collector.Endpoint with { Transport = SyslogTransport.Tls, ConnectTimeout = TimeSpan.FromMilliseconds(300) });
        var failure = (await sender.SendAsync(Events.Make(1), Stop)).Failure;
        Assert.Contains("did not answer within 0.3 s", failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_goodbye_that_meets_the_session_tickets_of_the_collector_proves_delivery_all_the_same()
    {
        // The tickets come behind the handshake, just when a short run has sent all it has.
        const int Connections = 1000;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(Connections);
        var serving = Parallel.ForAsync(0, Connections, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
        {
            using var socket = await listener.AcceptSocketAsync(Stop);
            await using var stream = new SslStream(new NetworkStream(socket));
            await stream.AuthenticateAsServerAsync(_certificates.Server, clientCertificateRequired: false, SslProtocols.Tls13, checkCertificateRevocation: false);
            await stream.CopyToAsync(Stream.Null, Stop);
            await stream.ShutdownAsync();
        });
        var endpoint = new SyslogEndpoint { Host = "127.0.0.1", Transport = SyslogTransport.Tls };
        var proofs = new ConcurrentBag<(SyslogProof Proof, string? Cause)>();
        await Parallel.ForAsync(0, Connections, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(listener.LocalEndpoint, Stop);
            var tls = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false, (_, shown, _, _) => shown!.Equals(_certificates.Server));
            await tls.AuthenticateAsClientAsync("localhost");
            await using var connection = new StreamConnection(socket, tls, endpoint, TimeProvider.System);
            await connection.WriteAsync("5 <29>x"u8.ToArray(), Stop);
            (var proof, var cause) = await connection.FinishAsync(Stop);
            proofs.Add((proof, cause?.GetBaseException().Message));
        });
        await serving;

        Assert.All(proofs, seen => Assert.Equal((SyslogProof.Delivered, null), seen));
    }

    /// <summary>One handshake with a server that shows a certificate; null when the client was content.</summary>
    private async Task<PhishMeException?> FailureAsync(
        X509Certificate2 shown, Func<SyslogEndpoint, SyslogEndpoint> change, string? expectedClient = null)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        string? client = null;
        var serving = ServeAsync();
        PhishMeException? failure = null;
        await using (var sender = new SyslogSender(change(new SyslogEndpoint
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)listener.LocalEndPoint!).Port,
            Transport = SyslogTransport.Tls,
            AuthorityFile = _certificates.AuthorityFile,
        })))
        {
            try
            {
                await sender.ConnectAsync(Stop);
                // Under TLS 1.3 the client is done before the server has seen its certificate.
                await serving.WaitAsync(Stop);
                Assert.Equal(expectedClient, client);
            }
            catch (PhishMeException refused)
            {
                failure = refused;
                Assert.Same(Faults.SyslogCertificateRefused, refused.Fault.Kind);
            }
        }

        listener.Dispose();
        await serving;
        return failure;

        async Task ServeAsync()
        {
            try
            {
                using var socket = await listener.AcceptAsync();
                await using var stream = new SslStream(new NetworkStream(socket));
                await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
                {
                    ServerCertificate = shown,
                    ClientCertificateRequired = expectedClient is not null,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    {
                        client = certificate?.Subject;
                        return client == expectedClient;
                    },
                });
            }
            catch (Exception ended) when (ended is IOException or SocketException or AuthenticationException or ObjectDisposedException)
            {
                // The client did not like what it saw.
            }
        }
    }
}
