using System.Diagnostics;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Tests.Network;

namespace PhishMe.Engine.Tests.Destinations.Syslog;

internal sealed class RsyslogReceiver(SyslogEndpoint endpoint, TestCertificates? certificates) : Receiver(endpoint, certificates)
{
    protected override ProcessStartInfo Program()
    {
        var program = Find("rsyslogd");
        Assert.SkipWhen(program is null, "skipped: rsyslog not installed");
        return new ProcessStartInfo(program!, ["-n", "-f", ConfigurationFile, "-i", Path.Combine(Folder, "pid")]);
    }

    protected override string Configuration()
    {
        var tls = Endpoint.Transport == SyslogTransport.Tls;
        if (tls && !HasTls())
        {
            Assert.Skip("skipped: rsyslog-openssl not installed");
        }

        var input = Endpoint.Transport switch
        {
            SyslogTransport.Udp => $"""
                module(load="imudp")
                input(type="imudp" address="{Address}" port="{Endpoint.Port}" ruleset="phishme" rcvbufSize="4m")
                """,
            SyslogTransport.Tcp => $"""
                module(load="imtcp" maxFrameSize="200000")
                input(type="imtcp" address="{Address}" port="{Endpoint.Port}" ruleset="phishme")
                """,
            _ => $"""
                module(load="imtcp" maxFrameSize="200000" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="x509/name" PermittedPeer=["phishme-client"])
                input(type="imtcp" address="{Address}" port="{Endpoint.Port}" ruleset="phishme")
                """,
        };
        var global = tls
            ? $"""
              global(defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="{Certificates!.AuthorityFile}"
                defaultNetstreamDriverCertFile="{Certificates.ServerFile}" defaultNetstreamDriverKeyFile="{Certificates.ServerKeyFile}")
              """
            : "";

        // Without a queue of its own: a queue in memory can lose and reorder events when rsyslog is stopped, and it is our sender that is tested.
        return $$"""
            global(workDirectory="{{Folder}}" maxMessageSize="200k" parser.escapeControlCharactersOnReceive="off" net.enableDNS="off"
              processInternalMessages="off")
            {{global}}
            {{input}}
            template(name="raw" type="list") { property(name="rawmsg") constant(value="\n") }
            ruleset(name="phishme" queue.type="Direct") { action(type="omfile" file="{{Output}}" template="raw") }
            """ + "\n";
    }

    private static bool HasTls() =>
        Directory.EnumerateFiles("/usr/lib", "lmnsd_ossl.so", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 }).Any();
}
