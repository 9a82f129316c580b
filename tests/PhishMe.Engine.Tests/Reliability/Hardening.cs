using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PhishMe.Engine.Api;
using PhishMe.Engine.Running.Logging;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using PhishMe.Torture;

namespace PhishMe.Engine.Tests.Reliability;

/// <summary>Invariant 8 and its neighbours. That no artefact holds a credential is looked for in every fault trial and kill lane.</summary>
public sealed class Hardening
{
    [Fact]
    [NotOnWindows("Windows has access lists instead of modes.")]
    public async Task State_lock_and_log_are_made_for_their_owner_only()
    {
        await using var script = await ThreatScript.StartAsync(71, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate });
        await installation.RunAsync(
            step =>
            {
                // While it runs the journal lies beside the state file; it holds the same.
                if (step == "state-after-commit")
                {
                    AssertOwnerOnly([installation.LockPath, .. Directory.EnumerateFiles(installation.Folder, "config.db*")]);
                }
            },
            cancellationToken: TestContext.Current.CancellationToken);

        AssertOwnerOnly([installation.StatePath, installation.LogPath]);
    }

    [Theory]
    [InlineData("\"../../../etc/passwd\"", "1735689600000")]
    [InlineData("-1", "1735689600000")]
    [InlineData("1e3", "\"../..\"")]
    [InlineData("7", "-62135596800001")]
    [InlineData("8", "9223372036854775807")]
    public async Task Whatever_stands_in_ids_and_dates_nothing_is_written_outside_the_folder_and_nobody_else_is_stopped(string id, string date)
    {
        var threat = $$"""{"id":{{id}},"threatType":"MALWARE","firstPublished":{{date}},"lastPublished":{{date}}}""";
        var page = $$$"""{"success":true,"data":{"page":{"currentPage":0,"totalPages":1,"totalElements":2},"threats":[{{{threat}}},{"id":5,"threatType":"MALWARE","firstPublished":1735689600000}]}}""";
        await using var server = RawServer.Start(path => path.Contains("/threat/search", StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(page)
            : path.Contains("/threat/updates", StringComparison.Ordinal) ? """{"success":true,"data":{"changelog":[],"nextPosition":"00112233-4455-6677-8899-aabbccddeeff"}}"""u8.ToArray()
            : """{"success":true,"data":[]}"""u8.ToArray());
        await using var script = await ThreatScript.StartAsync(72, 1, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate, Formats = ["json"] });
        installation.Edit("base_url", server.BaseUri.ToString());

        var summary = await installation.RunAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(summary.ExitCode is ExitCode.Done or ExitCode.DoneWithDeadLetters, summary.Fault?.ToString());
        Assert.Equal(Path.Combine(installation.InFolder("json"), "2025-01-01", "m_5.json"), Assert.Single(Directory.EnumerateFiles(installation.InFolder("json"), "m_5.json", SearchOption.AllDirectories)));
        Assert.All(
            Directory.EnumerateFiles(installation.InFolder("json"), "*", SearchOption.AllDirectories),
            path => Assert.Matches(@"^(\d{4}-\d\d-\d\d|undated)/m_\d+\.json$", Path.GetRelativePath(installation.InFolder("json"), path).Replace('\\', '/')));
    }

    [Fact]
    public async Task A_compressed_answer_that_breaks_off_is_a_bad_answer_and_no_surprise()
    {
        using var whole = new MemoryStream();
        using (var gzip = new GZipStream(whole, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes("{\"success\":true,\"data\":[" + new string(' ', 100_000) + "]}"));
        }

        foreach (var body in (byte[][])[whole.ToArray()[..60], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], Encoding.ASCII.GetBytes("no gzip at all")])
        {
            await using var server = RawServer.Start(_ => body, "Content-Encoding: gzip\r\n");
            await using var script = await ThreatScript.StartAsync(73, 1, DateTimeOffset.UtcNow);
            using var installation = new TortureInstallation(script.Simulator, new InstallationOptions { InitialDate = script.InitialDate });
            installation.Edit("base_url", server.BaseUri.ToString());

            Assert.Equal(ExitCode.ApiFailing, (await installation.RunAsync(cancellationToken: TestContext.Current.CancellationToken)).ExitCode);
        }
    }

    [Fact]
    public async Task An_answer_larger_than_its_cap_is_refused_before_it_is_in_memory()
    {
        const int Cap = 1 << 20;
        using var endless = new EndlessStream();
        using var response = new HttpResponseMessage { Content = new StreamContent(endless) };

        var refused = await Assert.ThrowsAsync<ApiException>(() => ResponseBody.ReadAsync(response, Cap, "here", TestContext.Current.CancellationToken));

        Assert.Equal(ApiFailure.Answer, refused.Failure);
        Assert.InRange(endless.Given, Cap, Cap * 3L);
    }

    [Theory]
    [InlineData("<!DOCTYPE p [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><p>&x;</p>")]
    [InlineData("<!DOCTYPE p [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><p>&b;&b;&b;</p>")]
    [InlineData("<!DOCTYPE p SYSTEM \"http://127.0.0.1:9/x.dtd\"><p/>")]
    public void XML_is_read_without_document_types_and_entities(string package)
    {
        var info = StixPackageReader.Read(Encoding.UTF8.GetBytes(package));
        Assert.False(info.IsWellFormed);
    }

    [Fact]
    public void Credentials_are_hidden_in_every_form_they_travel_in()
    {
        var mask = new SecretMask(["s3cret pass", Uri.EscapeDataString("s3cret pass"), Convert.ToBase64String("user:s3cret pass"u8)]);
        var text = $"Basic {Convert.ToBase64String("user:s3cret pass"u8)} https://x/?p={Uri.EscapeDataString("s3cret pass")} s3cret pass";

        Assert.Equal("Basic ******** https://x/?p=******** ********", mask.Hide(text));
        Assert.Equal("a ********", Encoding.UTF8.GetString(mask.Hide("a s3cret pass"u8.ToArray())!));
    }

    private static void AssertOwnerOnly(IEnumerable<string> paths) =>
        Assert.All(paths, path => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path)));

    private sealed class EndlessStream : Stream
    {
        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            Given += count;
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    /// <summary>Answers every request with bytes of the test's choice: what no well-behaved simulator would send.</summary>
    private sealed class RawServer : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Func<string, byte[]> _answer;
        private readonly string _headers;
        private readonly Task _loop;

        private RawServer(Func<string, byte[]> answer, string headers)
        {
            _answer = answer;
            _headers = headers;
            _listener.Start();
            _loop = ServeAsync();
        }

        public Uri BaseUri => new($"http://{_listener.LocalEndpoint}/apiv1");

        public static RawServer Start(Func<string, byte[]> answer, string headers = "") => new(answer, headers);

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _loop;
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    await using var stream = client.GetStream();
                    using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                    var request = await reader.ReadLineAsync();
                    while (await reader.ReadLineAsync() is { Length: > 0 })
                    {
                        // The headers do not matter.
                    }

                    var body = _answer(request ?? string.Empty);
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(
                        $"HTTP/1.1 200 OK\r\nDate: {DateTimeOffset.UtcNow:R}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n{_headers}Connection: close\r\n\r\n"));
                    await stream.WriteAsync(body);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or IOException)
            {
                // Stopped.
            }
        }
    }
}
