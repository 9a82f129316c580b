using System.Diagnostics;
using System.Net.Sockets;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Tests.Network;

namespace PhishMe.Engine.Tests.Destinations.Syslog;

/// <summary>
/// Debian lets rsyslog and syslog-ng not be installed together; a package of syslog-ng-core that was only unpacked
/// (<c>dpkg -x</c>) into /opt/syslog-ng, or the folder named by SYSLOG_NG_ROOT, does as well.
/// </summary>
internal sealed class SyslogNgReceiver(SyslogEndpoint endpoint, TestCertificates? certificates) : Receiver(endpoint, certificates)
{
    protected override ProcessStartInfo Program()
    {
        var start = new ProcessStartInfo();
        var root = Environment.GetEnvironmentVariable("SYSLOG_NG_ROOT") ?? "/opt/syslog-ng";
        var unpacked = Path.Combine(root, "usr/sbin/syslog-ng");
        if (Find("syslog-ng") is { } installed)
        {
            start.FileName = installed;
        }
        else if (File.Exists(unpacked))
        {
            var library = Path.Combine(root, "usr/lib/syslog-ng");
            start.FileName = unpacked;
            start.Environment["LD_LIBRARY_PATH"] = library;
            start.ArgumentList.Add("--module-path");
            start.ArgumentList.Add(Directory.GetDirectories(library).Single());
        }
        else
        {
            Assert.Skip("skipped: syslog-ng not installed");
        }

        foreach (var argument in (string[])["-F", "--no-caps", "-f", ConfigurationFile, "-R", InFolder("persist"), "-p", InFolder("pid"), "-c", InFolder("control")])
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    protected override string Configuration()
    {
        // The syslog() source counts octets, the network() source reads lines.
        var source = Endpoint.Transport != SyslogTransport.Udp && Endpoint.TcpFraming == SyslogTcpFraming.OctetCounting ? "syslog" : "network";
        var family = Address.AddressFamily == AddressFamily.InterNetworkV6 ? 6 : 4;
        var tls = Endpoint.Transport == SyslogTransport.Tls
            ? $"""tls(key-file("{Certificates!.ServerKeyFile}") cert-file("{Certificates.ServerFile}") ca-file("{Certificates.AuthorityFile}") peer-verify(required-trusted))"""
            : "";
        return $$"""
            @version: 3.38
            options { use-dns(no); dns-cache(no); stats-freq(0); log-msg-size(262144); };
            source s { {{source}}(ip("{{Address}}") ip-protocol({{family}}) port({{Endpoint.Port}}) transport("{{Endpoint.Transport.ToString().ToLowerInvariant()}}") so-rcvbuf(4194304) flags(no-parse) {{tls}}); };
            destination d { file("{{Output}}" template("${MSG}\n")); };
            log { source(s); destination(d); flags(flow-control); };
            """ + "\n";
    }

    private string InFolder(string name) => Path.Combine(Folder, name);
}
