<#
.SYNOPSIS
    A server on loopback that gives every request the same answer. Dot-source it in BeforeAll.
#>

function Start-CannedServer {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Opens a port of the test.')]
    param([int] $Status = 200, [byte[]] $Body = @())
    if (-not ('PhishMe.Tests.CannedServer' -as [type])) {
        Add-Type -TypeDefinition @'
using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

namespace PhishMe.Tests
{
    // One answer per connection.
    public sealed class CannedServer : IDisposable
    {
        private readonly TcpListener _listener = new TcpListener(IPAddress.Loopback, 0);
        private readonly byte[] _answer;

        public CannedServer(int status, byte[] body)
        {
            byte[] head = Encoding.ASCII.GetBytes("HTTP/1.1 " + status + " Canned\r\nContent-Type: application/json\r\nContent-Length: " + body.Length + "\r\nConnection: close\r\n\r\n");
            _answer = new byte[head.Length + body.Length];
            head.CopyTo(_answer, 0);
            body.CopyTo(_answer, head.Length);
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            Task.Run(ServeAsync);
        }

        public int Port { get; }

        public void Dispose() { _listener.Stop(); }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    TcpClient client = await _listener.AcceptTcpClientAsync();
                    _ = Task.Run(async () =>
                    {
                        using (client)
                        {
                            NetworkStream stream = client.GetStream();
                            using (var reader = new StreamReader(stream, Encoding.ASCII, false, 1024, true))
                            {
                                string line;
                                while (!string.IsNullOrEmpty(line = await reader.ReadLineAsync())) { }
                            }
                            await stream.WriteAsync(_answer, 0, _answer.Length);
                        }
                    });
                }
            }
            catch (Exception) { }
        }
    }
}
'@
    }
    [PhishMe.Tests.CannedServer]::new($Status, $Body)
}
