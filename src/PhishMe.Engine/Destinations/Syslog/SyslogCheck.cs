using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>Is there a collector? Resolves its name, connects, makes the TLS handshake, and closes without an event.</summary>
internal sealed class SyslogCheck(SyslogEndpoint endpoint, TimeProvider clock, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    private const string Address = "Address", Connection = "Connection", Tls = "TLS";

    public async IAsyncEnumerable<CheckResult> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var address = await ResolveAsync(cancellationToken).ConfigureAwait(false);
        yield return address;
        if (address.Outcome == CheckOutcome.Fail)
        {
            yield break;
        }

        if (endpoint.Transport == SyslogTransport.Udp)
        {
            yield return new CheckResult
            {
                Subject = Connection,
                Outcome = CheckOutcome.Pass,
                Message = $"{endpoint} takes datagrams without an answer, so whether they arrive shows only there.",
                NextStep = "Send a test event with Send-PhishMeSyslog and look for it in the collector.",
            };
            yield break;
        }

        var failure = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        if (failure is not null && failure.Kind != Faults.SyslogCertificateRefused)
        {
            yield return Checks.Fail(Connection, failure);
            yield break;
        }

        yield return Checks.Pass(Connection, $"{endpoint} accepts connections.");
        if (endpoint.Transport == SyslogTransport.Tls)
        {
            yield return failure is null ? Checks.Pass(Tls, "The certificate of the collector is trusted.") : Checks.Fail(Tls, failure);
        }
    }

    private async Task<CheckResult> ResolveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await (resolve ?? Dns.GetHostAddressesAsync)(endpoint.Address, cancellationToken).ConfigureAwait(false);
            return addresses.Length > 0
                ? Checks.Pass(Address, $"{endpoint.Host} is {string.Join(", ", addresses.Select(address => address.ToString()))}.")
                : Checks.Fail(Address, Unresolved("it has no address"));
        }
        catch (SocketException exception)
        {
            return Checks.Fail(Address, Unresolved(exception.Message));
        }
    }

    private async Task<Fault?> ConnectAsync(CancellationToken cancellationToken)
    {
        var sender = new SyslogSender(endpoint, clock);
        await using (sender.ConfigureAwait(false))
        {
            try
            {
                await sender.ConnectAsync(cancellationToken).ConfigureAwait(false);
                if (endpoint.ClientCertificateFile is null)
                {
                    return null;
                }

                // Under TLS 1.3 a collector that refuses our certificate says so only after the handshake.
                var end = await sender.ConfirmAsync(cancellationToken).ConfigureAwait(false);
                return end.Failure?.Fault;
            }
            catch (PhishMeException exception)
            {
                return exception.Fault;
            }
        }
    }

    private Fault Unresolved(string reason) => new()
    {
        Kind = Faults.SyslogUnreachable,
        Message = $"The name of the collector cannot be resolved: {reason}.",
        Where = endpoint.ToString(),
    };
}
