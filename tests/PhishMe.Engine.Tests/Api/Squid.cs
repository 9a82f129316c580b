using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PhishMe.Engine.Tests.Destinations.Syslog;

namespace PhishMe.Engine.Tests.Api;

/// <summary>Squid with one of its helpers for authentication, as a process of its own on loopback.</summary>
internal sealed class Squid : IAsyncDisposable
{
    public const string User = "sync.user";
    public const string Password = "Pass_1.2-3";

    /// <summary>MD5 crypt of the password.</summary>
    private const string Crypted = "$1$phishme1$ooy83sK/LgyFC7r3IjxK6/";

    private const string Helpers = "/usr/lib/squid";

    /// <summary>
    /// Stands between squid and ntlm_fake_auth, whose challenge is that of Windows NT 4 with an offset that leads nowhere: clients of today refuse it.
    /// Everything else passes through.
    /// </summary>
    private const string RepairedChallenge = """
        use strict;
        use IPC::Open2;
        use MIME::Base64;
        $| = 1;
        open2(my $from, my $to, @ARGV);
        $to->autoflush(1);
        while (my $line = <STDIN>) {
            print $to $line;
            my $answer = <$from>;
            if ($answer =~ /^TT (\S+)/) {
                my $nonce = substr(decode_base64($1), 24, 8);
                my $name = "C\0O\0R\0P\0";
                my $pairs = pack("vva*vva*vv", 2, length $name, $name, 1, length $name, $name, 0, 0);
                $answer = "TT " . encode_base64("NTLMSSP\0" . pack("VvvVV", 2, length $name, length $name, 56, 0xE2898215) . $nonce . ("\0" x 8)
                    . pack("vvV", length $pairs, length $pairs, 56 + length $name) . "\x0A\0\0\0\0\0\0\x0F" . $name . $pairs, "") . "\n";
            }
            print $answer;
        }

        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("phishme-squid-");
    private Process? _process;

    private Squid()
    {
    }

    public string Uri { get; private set; } = string.Empty;

    /// <summary>What it was asked, and as whom.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : string.Empty;

    /// <summary>The log as soon as it has a word: squid logs a tunnel when both of its ends are closed.</summary>
    public async Task<string> LogWithAsync(string word)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        string log;
        while (!(log = Log).Contains(word, StringComparison.OrdinalIgnoreCase))
        {
            if (patience.IsCancellationRequested)
            {
                Assert.Fail($"The log of squid does not have {word}: {log}");
            }

            await Task.Delay(20, CancellationToken.None);
        }

        return log;
    }

    private string LogFile => Path.Combine(_folder.FullName, "access.log");

    /// <summary>Starts one, or skips the test where it is not installed.</summary>
    /// <param name="scheme">basic, digest or ntlm.</param>
    /// <param name="repairsChallenge">Whether the challenge of ntlm_fake_auth gets the fields that NTLM has had since Windows 2000.</param>
    public static async Task<Squid> StartAsync(string scheme, bool repairsChallenge = false)
    {
        var program = Receiver.Find("squid") ?? (File.Exists("/usr/sbin/squid") ? "/usr/sbin/squid" : null);
        Assert.SkipWhen(program is null || !Directory.Exists(Helpers), "skipped: squid not installed");
        var perl = repairsChallenge ? Receiver.Find("perl") : null;
        Assert.SkipWhen(repairsChallenge && perl is null, "skipped: perl not installed");
        var squid = new Squid();
        try
        {
            await squid.StartAsync(program!, scheme, perl);
            return squid;
        }
        catch
        {
            await squid.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartAsync(string program, string scheme, string? perl)
    {
        var folder = _folder.FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111); // Squid of root works as another account.
        }

        File.WriteAllText(Path.Combine(folder, "basic"), $"{User}:{Crypted}\n");
        File.WriteAllText(Path.Combine(folder, "digest"), $"{User}:{Password}\n");
        File.WriteAllText(Path.Combine(folder, "challenge.pl"), RepairedChallenge);
        var helper = scheme switch
        {
            "basic" => $"{Helpers}/basic_ncsa_auth {folder}/basic",
            "digest" => $"{Helpers}/digest_file_auth {folder}/digest",
            _ when perl is not null => $"{perl} {folder}/challenge.pl {Helpers}/ntlm_fake_auth",
            _ => $"{Helpers}/ntlm_fake_auth",
        };
        for (var attempt = 1; ; attempt++)
        {
            var port = Receiver.FreePort(IPAddress.Loopback, datagram: false);
            Uri = FormattableString.Invariant($"http://127.0.0.1:{port}");
            var configuration = Path.Combine(folder, "squid.conf");
            File.WriteAllText(configuration, FormattableString.Invariant($"""
                http_port 127.0.0.1:{port}
                pid_filename none
                cache deny all
                cache_log {folder}/cache.log
                access_log stdio:{LogFile}
                coredump_dir {folder}
                shutdown_lifetime 0 seconds
                auth_param {scheme} program {helper}
                auth_param {scheme} children 2
                {(scheme == "ntlm" ? string.Empty : $"auth_param {scheme} realm proxy")}
                acl known proxy_auth REQUIRED
                http_access allow known
                http_access deny all

                """));
            _process = Process.Start(new ProcessStartInfo(program, ["-N", "-f", configuration]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var chatter = _process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            _ = _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            while (!_process.HasExited && !await ListensAsync(port))
            {
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }

            if (!_process.HasExited)
            {
                return;
            }

            Assert.True(attempt < 3, await chatter);
        }
    }

    private static async Task<bool> ListensAsync(int port)
    {
        try
        {
            using var probe = new TcpClient();
            await probe.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
