<#
.SYNOPSIS
    A syslog collector on loopback, UDP and TCP on one port. Dot-source it in BeforeAll.
#>

function Start-SyslogCollector {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Opens a port of the test.')]
    param()
    if (-not ('PhishMe.Tests.LoopbackCollector' -as [type])) {
        Add-Type -TypeDefinition @'
using System;
using System.Collections.Concurrent;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

namespace PhishMe.Tests
{
    // Reads to the end of each connection and closes its side then, as real collectors do.
    public sealed class LoopbackCollector : IDisposable
    {
        private readonly TcpListener _tcp;
        private readonly UdpClient _udp;
        private readonly BlockingCollection<string> _events = new BlockingCollection<string>();

        public LoopbackCollector()
        {
            _tcp = new TcpListener(IPAddress.Loopback, 0);
            _tcp.Start();
            Port = ((IPEndPoint)_tcp.LocalEndpoint).Port;
            _udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, Port));
            Task.Run(AcceptAsync);
            Task.Run(ReceiveAsync);
        }

        public int Port { get; }

        // The next events, at most so many; waits for them.
        public string[] Take(int count)
        {
            var taken = new string[count];
            for (int i = 0; i < count; i++)
            {
                if (!_events.TryTake(out taken[i], TimeSpan.FromSeconds(20))) throw new TimeoutException("Only " + i + " events came.");
            }

            return taken;
        }

        public void Dispose() { _tcp.Stop(); _udp.Dispose(); }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    TcpClient client = await _tcp.AcceptTcpClientAsync();
                    _ = Task.Run(async () =>
                    {
                        using (client)
                        using (var reader = new StreamReader(client.GetStream(), new UTF8Encoding(false)))
                        {
                            string line;
                            while ((line = await reader.ReadLineAsync()) != null) _events.Add(line);
                        }
                    });
                }
            }
            catch (Exception) { }
        }

        private async Task ReceiveAsync()
        {
            try
            {
                while (true) _events.Add(Encoding.UTF8.GetString((await _udp.ReceiveAsync()).Buffer));
            }
            catch (Exception) { }
        }
    }
}
'@
    }
    [PhishMe.Tests.LoopbackCollector]::new()
}
