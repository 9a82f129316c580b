using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Running;
using PhishMe.Engine.Tests.Running;
using PhishMe.Intelligence;
using PhishMe.Server;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Serving.Taxii;

/// <summary>Many readers at once, over sockets: with gzip and without, while runs commit, and beside clients that are slow or hang up.</summary>
public sealed class TaxiiReadersTests
{
    private const string Objects = "/intel/collections/all/objects/?limit=10000";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/intel/collections/all/objects/?limit=10000")]
    [InlineData("/intel/collections/all/manifest/?limit=50")]
    [InlineData("/intel/collections/all/objects/?added_after=2099-01-01T00:00:00Z")]
    public async Task Compressed_or_not_and_the_head_alone_are_the_same_answer(string address)
    {
        await using var simulator = await StartAsync(20);
        using var installation = Installed(simulator);
        await installation.RunAsync();
        await using var server = await ServeAsync(installation, TextWriter.Null);
        using var client = Client(server);

        for (var round = 0; round < 2; round++)
        {
            var plain = await AskAsync(client, HttpMethod.Get, address, null);
            var packed = await AskAsync(client, HttpMethod.Get, address, "gzip, deflate");
            var refused = await AskAsync(client, HttpMethod.Get, address, "gzip;q=0");
            Assert.Equal(plain.Body, Unpacked(packed));
            Assert.Equal(plain.Body, refused.Body);
            Assert.Equal(plain.Headers, refused.Headers);
            Assert.Equal(plain.Body.Length > 1024, packed.Headers.Contains("Content-Encoding: gzip", StringComparison.Ordinal));
            Assert.Equal(plain.Body.Length > 1024, plain.Headers.Contains("Vary: Accept-Encoding", StringComparison.Ordinal));
            foreach (var coding in (string?[])[null, "gzip"])
            {
                var head = await AskAsync(client, HttpMethod.Head, address, coding);
                Assert.Equal(coding is null ? plain.Headers : packed.Headers, head.Headers);
                Assert.Empty(head.Body);
            }
        }
    }

    [Fact]
    public async Task Readers_who_poll_at_once_all_see_a_commit_with_the_next_poll()
    {
        await using var simulator = await StartAsync(20);
        using var installation = Installed(simulator);
        await installation.RunAsync();
        await using var server = await ServeAsync(installation, TextWriter.Null);
        using var client = Client(server);
        var before = await PollAllAsync();
        simulator.Republish(Id(simulator, 2));
        simulator.Withdraw(Id(simulator, 5));
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);

        var after = await PollAllAsync();

        Assert.NotEqual(before, after);
        using var all = JsonDocument.Parse(after);
        Assert.Contains(all.RootElement.GetProperty("objects").EnumerateArray(), item => item.Type() == "report" && item.IsRevoked());

        // A server that has just started says the same, byte for byte.
        await using var other = await ServeAsync(installation, TextWriter.Null);
        using var fresh = Client(other);
        Assert.Equal(Encoding.UTF8.GetString((await AskAsync(fresh, HttpMethod.Get, Objects, null)).Body), after);

        async Task<string> PollAllAsync()
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(async number => Unpacked(await AskAsync(client, HttpMethod.Get, Objects, number % 2 == 0 ? "gzip" : null))));
            return Assert.Single(answers.Select(Encoding.UTF8.GetString).Distinct());
        }
    }

    /// <summary>More of them than answers are rendered at once, each with a page of its own that is larger than what sockets hold.</summary>
    [Fact]
    public async Task Clients_that_read_slowly_or_hang_up_take_no_place_from_others()
    {
        await using var simulator = await StartAsync(150);
        using var installation = Installed(simulator);
        await installation.RunAsync();
        var log = new StringWriter();
        await using var server = await ServeAsync(installation, TextWriter.Synchronized(log));
        using var client = Client(server);
        var slow = new List<Socket>();
        try
        {
            for (var number = 0; number < (4 * Environment.ProcessorCount) + 8; number++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                slow.Add(socket);
                await socket.ConnectAsync(server.TaxiiAddress!.DnsSafeHost, server.TaxiiAddress.Port, Stop);
                await socket.SendAsync(Request($"/intel/collections/all/objects/?limit={9000 + number}"), Stop);
                Assert.Equal(1, await socket.ReceiveAsync(new byte[1], Stop));
            }

            for (var number = 0; number < 50; number++)
            {
                using var gone = await RawHttp.ConnectAsync(server.TaxiiAddress!, Stop);
                await gone.SendAsync(Request($"/intel/collections/all/objects/?limit={2000 + number}"), Stop);
                gone.LingerState = new LingerOption(true, 0);
            }

            // A page that no one asked for yet has to be rendered.
            var answer = await AskAsync(client, HttpMethod.Get, "/intel/collections/all/objects/?limit=1234", "gzip");

            using var page = JsonDocument.Parse(Unpacked(answer));
            Assert.Equal(1234, page.RootElement.GetProperty("objects").GetArrayLength());
            foreach (var socket in slow)
            {
                Assert.Equal(1, await socket.ReceiveAsync(new byte[1], Stop));
            }
        }
        finally
        {
            slow.ForEach(socket => socket.Dispose());
        }

        Assert.DoesNotContain("GET", log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trouble_is_not_kept()
    {
        await using var simulator = await StartAsync(3);
        using var installation = Installed(simulator);
        await File.WriteAllTextAsync(installation.StatePath, "This is not a state file, and long enough to be looked at as one: " + new string('x', 4096), Stop);
        await using var server = await ServeAsync(installation, TextWriter.Null);
        using var client = Client(server);
        for (var i = 0; i < 3; i++)
        {
            using var refused = await client.GetAsync(new Uri(Objects, UriKind.Relative), Stop);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (refused.StatusCode, refused.Headers.RetryAfter is not null));
        }

        File.Delete(installation.StatePath);
        await installation.RunAsync();

        Assert.True((await AskAsync(client, HttpMethod.Get, Objects, null)).Body.Length > 1000);
    }

    private static Task<ThreatHqSimulator> StartAsync(int threats) =>
        ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = threats, From = DateTimeOffset.UtcNow.AddDays(-30), To = DateTimeOffset.UtcNow.AddHours(-1) }, Stop);

    private static Installation Installed(ThreatHqSimulator simulator) => new Installation(simulator)
        .Set("pm_api", "init_date", DateTimeOffset.UtcNow.AddDays(-40).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture))
        .Set("taxii_server", "use", "True").Set("taxii_server", "listen", "http://127.0.0.1:0/").Set("taxii_server", "page_limit", "10000").Save();

    private static string Id(ThreatHqSimulator simulator, int number) => $"{simulator.Threats[number].Type[0]}_{simulator.Threats[number].Id}".ToLowerInvariant();

    private static async Task<PhishMeServer> ServeAsync(Installation installation, TextWriter log)
    {
        var engine = new EngineSettings();
        var settings = ConfigurationReader.Read(installation.ConfigurationPath, engine.Reading).Settings!;
        return await PhishMeServer.StartAsync(new ServedInstallation(engine, settings), new Diary(log, engine.Clock), Stop);
    }

    private static HttpClient Client(PhishMeServer server) => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.TaxiiAddress };

    private static byte[] Request(string address) => Encoding.ASCII.GetBytes($"GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n");

    private static async Task<(string Headers, byte[] Body)> AskAsync(HttpClient client, HttpMethod method, string address, string? coding)
    {
        using var request = new HttpRequestMessage(method, address);
        if (coding is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", coding);
        }

        using var answer = await client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var body = await answer.Content.ReadAsByteArrayAsync(Stop);
        Assert.True(method == HttpMethod.Head || answer.Content.Headers.ContentLength == body.Length);
        answer.Headers.Date = null;
        return ($"{answer.Headers}{answer.Content.Headers}", body);
    }

    private static byte[] Unpacked((string Headers, byte[] Body) answer)
    {
        if (!answer.Headers.Contains("Content-Encoding", StringComparison.Ordinal))
        {
            return answer.Body;
        }

        using var stream = new GZipStream(new MemoryStream(answer.Body), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }
}
