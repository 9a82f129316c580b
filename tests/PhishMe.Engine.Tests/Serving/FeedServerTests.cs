using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Serving;

/// <summary>Feed files over HTTP: a reader that asks again gets only what is new, and never less than it had because of trouble on this side.</summary>
public sealed class FeedServerTests
{
    private const string Domains = "feeds/paloalto_minemeld/domain.txt";

    private static readonly long _now = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds() / 1000 * 1000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_poll_without_news_is_304_and_a_run_with_news_is_a_new_version()
    {
        await using var simulator = await StartAsync();
        using var installation = Feeds(simulator);
        await installation.RunAsync();
        await using var served = await ServedFolder.StartAsync(installation);

        using var first = await GetAsync(served.Feed, Domains);
        var tag = first.Headers.ETag!;

        Assert.Equal((HttpStatusCode.OK, "a.example\n"), (first.StatusCode, await first.Content.ReadAsStringAsync(Token)));
        Assert.False(tag.IsWeak);
        Assert.Equal("text/plain", first.Content.Headers.ContentType!.MediaType);
        Assert.True(first.Content.Headers.LastModified <= DateTimeOffset.UtcNow);
        Assert.Equal(HttpStatusCode.NotModified, await StatusAsync(served.Feed, request => request.Headers.IfNoneMatch.Add(tag)));
        Assert.Equal(HttpStatusCode.NotModified, await StatusAsync(served.Feed, request => request.Headers.IfModifiedSince = first.Content.Headers.LastModified));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(served.Feed, request => request.Headers.IfModifiedSince = first.Content.Headers.LastModified!.Value.AddSeconds(-1)));

        simulator.Publish(ThreatBuilder.Malware(2, _now + 1000).Domain("b.example"));
        await installation.RunAsync();
        using var second = await GetAsync(served.Feed, Domains, request => request.Headers.IfNoneMatch.Add(tag));

        Assert.Equal((HttpStatusCode.OK, "b.example\na.example\n"), (second.StatusCode, await second.Content.ReadAsStringAsync(Token)));
        Assert.NotEqual(tag, second.Headers.ETag);
    }

    [Fact]
    public async Task Compressed_is_a_version_of_its_own_with_the_same_content()
    {
        await using var simulator = await StartAsync();
        using var installation = Feeds(simulator);
        await installation.RunAsync();
        await using var served = await ServedFolder.StartAsync(installation);

        using var plain = await GetAsync(served.Feed, Domains);
        using var compressed = await GetAsync(served.Feed, Domains, request => request.Headers.AcceptEncoding.ParseAdd("br, gzip;q=0.5"));
        using var refused = await GetAsync(served.Feed, Domains, request => request.Headers.AcceptEncoding.ParseAdd("gzip;q=0"));
        await using var stream = new GZipStream(await compressed.Content.ReadAsStreamAsync(Token), CompressionMode.Decompress);
        using var reader = new StreamReader(stream);

        Assert.Equal("gzip", Assert.Single(compressed.Content.Headers.ContentEncoding));
        Assert.Equal("Accept-Encoding", Assert.Single(compressed.Headers.Vary));
        Assert.Equal(await plain.Content.ReadAsStringAsync(Token), await reader.ReadToEndAsync(Token));
        Assert.NotEqual(plain.Headers.ETag, compressed.Headers.ETag);
        Assert.Empty(refused.Content.Headers.ContentEncoding);
        Assert.Equal(HttpStatusCode.NotModified, await StatusAsync(served.Feed, request =>
        {
            request.Headers.AcceptEncoding.ParseAdd("gzip");
            request.Headers.IfNoneMatch.Add(compressed.Headers.ETag!);
        }));
    }

    [Fact]
    public async Task One_range_and_the_head_alone_can_be_asked_for()
    {
        await using var simulator = await StartAsync();
        using var installation = Feeds(simulator);
        await installation.RunAsync();
        await using var served = await ServedFolder.StartAsync(installation);

        using var part = await GetAsync(served.Feed, Domains, request => request.Headers.Range = new RangeHeaderValue(2, 4));
        using var beyond = await GetAsync(served.Feed, Domains, request => request.Headers.Range = new RangeHeaderValue(1000, null));
        using var head = await GetAsync(served.Feed, Domains, request => request.Method = HttpMethod.Head);

        Assert.Equal((HttpStatusCode.PartialContent, "exa"), (part.StatusCode, await part.Content.ReadAsStringAsync(Token)));
        Assert.Equal("bytes 2-4/10", part.Content.Headers.ContentRange!.ToString());
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        Assert.Equal((HttpStatusCode.OK, 10, 0), (head.StatusCode, head.Content.Headers.ContentLength, (await head.Content.ReadAsByteArrayAsync(Token)).Length));
        Assert.Equal(part.Headers.ETag, head.Headers.ETag);
    }

    /// <summary>A firewall forgets its list after 404 and keeps it after 503.</summary>
    [Fact]
    [Trait("Case", "T21")]
    public async Task A_file_that_is_missing_or_cannot_be_read_is_trouble_of_this_side()
    {
        await using var simulator = await StartAsync();
        using var installation = Feeds(simulator);
        await using var served = await ServedFolder.StartAsync(installation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(served.Feed, _ => { }));

        await installation.RunAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(served.Feed, _ => { }));

        File.Delete(installation.InFolder("minemeld/domain.txt"));
        Directory.CreateDirectory(installation.InFolder("minemeld/domain.txt"));
        using var answer = await GetAsync(served.Feed, Domains);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.DoesNotContain(installation.Folder, await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    /// <summary>An empty list is a list, too.</summary>
    [Fact]
    [Trait("Case", "T22")]
    public async Task An_empty_list_is_zero_bytes_with_200()
    {
        await using var simulator = await StartAsync();
        using var installation = Feeds(simulator);
        await installation.RunAsync();
        simulator.Withdraw("m_1");
        await installation.RunAsync();
        await using var served = await ServedFolder.StartAsync(installation);

        foreach (var encoding in (string[])["identity", "gzip"])
        {
            using var answer = await GetAsync(served.Feed, Domains, request => request.Headers.AcceptEncoding.ParseAdd(encoding));

            Assert.Equal((HttpStatusCode.OK, 0), (answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync(Token)).Length));
        }
    }

    [Theory]
    [InlineData("feeds/")]
    [InlineData("feeds/paloalto_minemeld")]
    [InlineData("feeds/paloalto_minemeld/")]
    [InlineData("feeds/paloalto_minemeld/DOMAIN.TXT")]
    [InlineData("feeds/paloalto_minemeld/../../config.ini")]
    [InlineData("feeds/paloalto_minemeld/..%2f..%2fconfig.ini")]
    [InlineData("feeds/paloalto_minemeld/%2e%2e/config.ini")]
    [InlineData("feeds/paloalto_minemeld/..%5c..%5cconfig.ini")]
    [InlineData("feeds/paloalto_minemeld/config.ini")]
    [InlineData("feeds/raw_json/all.json")]
    [InlineData("config.ini")]
    [InlineData("config.db")]
    [InlineData("feeds/paloalto_minemeld/domain.txt%00")]
    [InlineData("feeds/paloalto_minemeld/domain.txt/")]
    public async Task Nothing_else_of_the_folder_is_served(string address)
    {
        await using var simulator = await StartAsync();
        using var installation = Feeds(simulator).WithOutput("json");
        installation.Save();
        await installation.RunAsync();
        await using var served = await ServedFolder.StartAsync(installation);

        var answer = await RawHttp.AskAsync(served.Server.FeedAddress!, $"GET /{address} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", closes: false, Token);

        Assert.True(answer.StartsWith("HTTP/1.1 404", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal), answer);
        Assert.DoesNotContain("a.example", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(installation.Folder, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_outside_of_root_are_left_out_and_said_so()
    {
        await using var simulator = await StartAsync();
        using var installation = Feeds(simulator).Set("feed_server", "root", "elsewhere");
        installation.Save();
        await installation.RunAsync();
        await using var served = await ServedFolder.StartAsync(installation);

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(served.Feed, _ => { }));
        Assert.Contains("domain.txt is not served", served.Log, StringComparison.Ordinal);
    }

    /// <summary>MISP asks for the manifest, and for the events that it names.</summary>
    [Fact]
    public async Task Events_of_the_MISP_feed_are_served_by_the_names_in_its_manifest()
    {
        await using var simulator = await StartAsync();
        using var installation = Feeds(simulator).Set("integration_misp_feed", "use", "True").Set("integration_misp_feed", "output_dir", "misp");
        installation.Save();
        await installation.RunAsync();
        await using var served = await ServedFolder.StartAsync(installation);

        using var manifest = JsonDocument.Parse(await served.Feed.GetStringAsync(new Uri("feeds/misp_feed/manifest.json", UriKind.Relative), Token));
        var name = Assert.Single(manifest.RootElement.EnumerateObject()).Name;
        using var found = await GetAsync(served.Feed, $"feeds/misp_feed/{name}.json");

        Assert.Equal(await File.ReadAllTextAsync(installation.InFolder($"misp/{name}.json"), Token), await found.Content.ReadAsStringAsync(Token));
        Assert.Contains("a.example", await found.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        await File.WriteAllTextAsync(installation.InFolder("misp/other.json"), "{}", Token);
        string[] others =
        [
            $"feeds/misp_feed/{Guid.NewGuid():D}.json", "feeds/misp_feed/other.json", $"feeds/misp_feed/{name}", $"feeds/misp_feed/{name}.JSON",
            $"feeds/paloalto_minemeld/{name}.json",
        ];
        foreach (var address in others)
        {
            using var none = await GetAsync(served.Feed, address);
            Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        }
    }

    private static async Task<ThreatHqSimulator> StartAsync()
    {
        var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 0 }, Token);
        simulator.Publish(ThreatBuilder.Malware(1, _now).Domain("a.example"));
        return simulator;
    }

    private static Installation Feeds(ThreatHqSimulator simulator) => new Installation(simulator)
        .Set("integration_paloalto_minemeld", "use", "True")
        .Set("integration_paloalto_minemeld", "output_dir", "minemeld")
        .Set("feed_server", "use", "True")
        .Set("feed_server", "listen", "http://127.0.0.1:0/")
        .Save();

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, Action<HttpRequestMessage> change)
    {
        using var answer = await GetAsync(client, Domains, change);
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> GetAsync(HttpClient client, string address, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, UriKind.Relative));
        change?.Invoke(request);
        return await client.SendAsync(request, Token);
    }
}
