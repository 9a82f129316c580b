using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PhishMe.Engine.Tests.Store;

namespace PhishMe.Engine.Tests.Serving;

/// <summary>What attackers and broken clients send: never a failure of this side, never a file that has no name here, never a way around the credentials.</summary>
public sealed class HostileRequestTests
{
    private const string Secret = "evil.example";

    private const string Protected = """

        [feed_server]
        use = True
        listen = http://127.0.0.1:0/
        auth_basic_user = reader
        auth_basic_pass = correct horse

        [taxii_server]
        use = True
        listen = http://127.0.0.1:0/
        status = True

        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Requests() =>
    [
        "GET /" + new string('a', 9000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + new string('a', 40_000) + "\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"X{i}: y\r\n")) + "\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: other\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        "GET http://other.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nConnection: close\r\n\r\nq=abc",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nzzz",
        "GET /%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /%ff%fe/%c0%af HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /threats/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /../../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /search?q=" + string.Concat(Enumerable.Repeat("%00", 300)) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /search?q=a&q=b&q HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: " + string.Join(',', Enumerable.Repeat("*/*;q=x", 500)) + "\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: \u0001\u0002,,;;==\r\nAccept-Encoding: ;;,gzip;q=nan\r\nRange: bytes=--\r\nIf-None-Match: \"\r\nIf-Modified-Since: never\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings, close\r\nHTTP2-Settings: AAAA\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003",
        "\r\n\r\n\r\n",
        "GET\t/\tHTTP/1.1\r\n\r\n",
    ];

    [Theory]
    [MemberData(nameof(Requests), DisableDiscoveryEnumeration = true)]
    public async Task It_is_refused_or_answered_and_nothing_fails(string request)
    {
        await using var served = await ServedFolder.StartAsync(Fill, Protected);

        foreach (var address in (Uri[])[served.Server.FeedAddress!, served.Server.TaxiiAddress!])
        {
            AssertHarmless(await RawHttp.AskAsync(address, request, closes: true, Token), request, isOpen: address == served.Server.TaxiiAddress);
        }

        await AssertAnswersAsync(served);
        Assert.DoesNotContain("Exception", served.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("Basic ====")]
    [InlineData("Basic !!!!")]
    [InlineData("Basic cmVhZGVyOmNvcnJlY3QgaG9yc2U")]
    [InlineData("Basic cmVhZGVyOmNvcnJlY3QgaG9yc2U= x")]
    [InlineData("basic cmVhZGVy")]
    [InlineData("Bearer cmVhZGVyOmNvcnJlY3QgaG9yc2U=")]
    [InlineData("Digest username=\"reader\"")]
    [InlineData("Negotiate TlRMTVNTUAABAAAA")]
    public async Task Odd_credentials_open_nothing(string header)
    {
        await using var served = await ServedFolder.StartAsync(Fill, Protected);

        var answer = await RawHttp.AskAsync(served.Server.FeedAddress!, $"GET /threats/m_1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: {header}\r\nConnection: close\r\n\r\n", closes: false, Token);

        Assert.StartsWith("HTTP/1.1 401", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_authorization_headers_open_nothing()
    {
        await using var served = await ServedFolder.StartAsync(Fill, Protected);
        var good = $"Authorization: {ServedFolder.Basic("reader", "correct horse")}\r\n";

        var one = await RawHttp.AskAsync(served.Server.FeedAddress!, $"GET /threats/m_1 HTTP/1.1\r\nHost: localhost\r\n{good}Connection: close\r\n\r\n", closes: false, Token);
        var two = await RawHttp.AskAsync(served.Server.FeedAddress!, $"GET /threats/m_1 HTTP/1.1\r\nHost: localhost\r\n{good}{good}Connection: close\r\n\r\n", closes: false, Token);

        Assert.StartsWith("HTTP/1.1 200", one, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200", two, StringComparison.Ordinal);
    }

    /// <summary>10,000 requests that were good once. The seed is in the message of a failure.</summary>
    [Fact]
    public async Task Ten_thousand_mutated_requests_find_nothing()
    {
        const int Count = 10_000;
        const int AtOnce = 16;
        var seed = Environment.GetEnvironmentVariable("PHISHME_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"PHISHME_SEED={seed}");
        await using var served = await ServedFolder.StartAsync(Fill, Protected);
        string[] seeds =
        [
            .. ((string[])["/", "/metrics", "/healthz", "/threats/m_1", "/search?q=evil.example", "/feeds/paloalto_minemeld/domain.txt", "/taxii2/", "/intel/collections/"])
                .Select(path => $"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/taxii+json;version=2.1\r\nAccept-Encoding: gzip\r\nIf-None-Match: \"x\"\r\nRange: bytes=0-1\r\nAuthorization: {ServedFolder.Basic("reader", "wrong")}\r\nConnection: close\r\n\r\n"),
        ];

        await Parallel.ForEachAsync(Enumerable.Range(0, Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Token }, async (i, token) =>
        {
            var random = new Random(unchecked(seed + i));
            var request = Mutated(seeds[random.Next(seeds.Length)], random);
            var isOpen = i % 2 == 1;
            AssertHarmless(
                await RawHttp.AskAsync(isOpen ? served.Server.TaxiiAddress! : served.Server.FeedAddress!, request, closes: true, token),
                $"PHISHME_SEED={seed}, request {i}: {request}", isOpen);
        });

        await AssertAnswersAsync(served);
        Assert.DoesNotContain("Exception", served.Log, StringComparison.Ordinal);
    }

    /// <summary>Clients that begin and never go on hold connections, and nothing else.</summary>
    [Fact]
    public async Task Clients_that_never_finish_do_not_hold_up_others()
    {
        await using var served = await ServedFolder.StartAsync(Fill, Protected);
        var open = new List<Socket>();
        try
        {
            foreach (var begin in Enumerable.Repeat((string[])["", "GET / HT", "GET / HTTP/1.1\r\nHost: localhost\r\nX: ", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx"], 50).SelectMany(one => one))
            {
                var socket = await RawHttp.ConnectAsync(served.Server.TaxiiAddress!, Token);
                open.Add(socket);
                await socket.SendAsync(Encoding.Latin1.GetBytes(begin), Token);
            }

            await AssertAnswersAsync(served);
        }
        finally
        {
            open.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>Readers of a large page that take nothing of it.</summary>
    [Fact]
    public async Task Clients_that_do_not_read_do_not_hold_up_others()
    {
        await using var served = await ServedFolder.StartAsync(store => store.Put(Large()), Protected);
        var open = new List<Socket>();
        try
        {
            for (var i = 0; i < 100; i++)
            {
                var socket = await RawHttp.ConnectAsync(served.Server.TaxiiAddress!, Token);
                socket.ReceiveBufferSize = 4096;
                open.Add(socket);
                await socket.SendAsync("GET /threats/m_1 HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Token);
            }

            await AssertAnswersAsync(served);
        }
        finally
        {
            open.ForEach(socket => socket.Dispose());
        }
    }

    private static void Fill(StoreFolder store) => store.Put(ThreatBuilder.Malware(1).Domain(Secret));

    private static System.Text.Json.Nodes.JsonObject[] Large()
    {
        var threat = ThreatBuilder.Malware(1);
        for (var i = 0; i < 2000; i++)
        {
            threat.Domain($"host-{i}.evil.example");
        }

        return [threat];
    }

    private static async Task AssertAnswersAsync(ServedFolder served)
    {
        using var answer = await served.Taxii.GetAsync(new Uri("healthz", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static void AssertHarmless(string answer, string request, bool isOpen)
    {
        foreach (var status in answer.Split("HTTP/1.1 ").Skip(1).Select(part => part.Length >= 3 ? part[..3] : part))
        {
            // 505: another version of HTTP was asked for. That is about the request.
            Assert.False(status.StartsWith('5') && status != "505", $"{status} for {request}");
            Assert.False(!isOpen && status.StartsWith('2'), $"{status} without credentials for {request}");
        }

        Assert.False(!isOpen && answer.Contains(Secret, StringComparison.Ordinal), request);
        Assert.False(answer.Contains("root:x:", StringComparison.Ordinal) || answer.Contains("[pm_api]", StringComparison.Ordinal), request);
    }

    private static string Mutated(string request, Random random)
    {
        var text = new StringBuilder(request);
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(text.Length);
            switch (random.Next(7))
            {
                case 0: text[at] = (char)random.Next(256); break;
                case 1: text.Insert(at, (char)random.Next(256)); break;
                case 2: text.Remove(at, Math.Min(random.Next(1, 8), text.Length - at)); break;
                case 3: text.Insert(at, ((string[])["../", "%2e%2e%2f", "%00", "\r\n", "//", "\\", "%", "?", "#", "config.ini", "%c0%ae", ";", "\0"])[random.Next(13)]); break;
                case 4: text.Insert(at, new string((char)random.Next(32, 127), random.Next(1, 3000))); break;
                case 5: text.Insert(at, text.ToString(at, Math.Min(random.Next(1, 60), text.Length - at))); break;
                default: text.Replace("GET", ((string[])["HEAD", "POST", "PUT", "DELETE", "PATCH", "get", "TRACE", "X"])[random.Next(8)]); break;
            }

            if (text.Length == 0)
            {
                text.Append(' ');
            }
        }

        return text.ToString();
    }
}
