using System.Net;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Tests.Configuration;
using PhishMe.Engine.Tests.Network;

namespace PhishMe.Engine.Tests.Serving;

/// <summary>Where the server listens, and whom it lets in.</summary>
public sealed class ListeningTests
{
    private const string Protected = """

        [feed_server]
        use = True
        listen = http://127.0.0.1:0/
        auth_basic_user = reader
        auth_basic_pass = correct horse
        auth_basic_pass_before = old horse

        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_but_what_has_a_name_is_served()
    {
        await using var served = await ServedFolder.StartAsync();

        foreach (var client in (HttpClient[])[served.Feed, served.Taxii])
        {
            using var answer = await client.GetAsync(new Uri("nothing/here", UriKind.Relative), Token);

            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.StartsWith("default-src 'none'; frame-ancestors 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("reader", "wrong")]
    [InlineData("reader", "")]
    [InlineData("Reader", "correct horse")]
    [InlineData("reader:correct horse", "")]
    [InlineData("reade", "r:correct horse")]
    public async Task Without_the_credentials_nothing_opens(string? user, string? password)
    {
        await using var served = await ServedFolder.StartAsync(sections: Protected);
        served.Feed.DefaultRequestHeaders.Authorization = user is null ? null : ServedFolder.Basic(user, password!);

        foreach (var path in (string[])["", "metrics", "healthz", "feeds/x", "nothing"])
        {
            using var answer = await served.Feed.GetAsync(new Uri(path, UriKind.Relative), Token);

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("Basic realm=\"phishme feed_server\", charset=\"UTF-8\"", answer.Headers.WwwAuthenticate.ToString());
        }
    }

    [Theory]
    [Trait("Case", "T21")]
    [InlineData("correct horse")]
    [InlineData("old horse")]
    public async Task With_either_password_it_opens(string password)
    {
        await using var served = await ServedFolder.StartAsync(sections: Protected);
        served.Feed.DefaultRequestHeaders.Authorization = ServedFolder.Basic("reader", password);

        using var answer = await served.Feed.GetAsync(new Uri("nothing", UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    /// <summary>A name of the web that was made to point here.</summary>
    [Fact]
    public async Task Without_credentials_only_names_of_this_machine_are_answered_to()
    {
        await using var served = await ServedFolder.StartAsync();

        foreach (var (name, expected) in ((string, HttpStatusCode)[])[("rebound.example", HttpStatusCode.MisdirectedRequest), ("localhost:1", HttpStatusCode.NotFound)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("nothing", UriKind.Relative)) { Headers = { Host = name } };
            using var answer = await served.Feed.SendAsync(request, Token);

            Assert.Equal(expected, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_certificate_of_a_file_encrypts()
    {
        using var certificates = new TestCertificates();
        await using var served = await ServedFolder.StartAsync(sections: $"""
            [feed_server]
            use = True
            listen = https://127.0.0.1:0/
            certificate = {certificates.ServerFile}
            certificate_key = {certificates.ServerKeyFile}
            """);
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificates.Server.GetCertHashString();
        using var client = new HttpClient(handler) { BaseAddress = served.Server.FeedAddress };

        using var answer = await client.GetAsync(new Uri("nothing", UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.True(answer.Headers.Contains("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("listen = http://0.0.0.0:8443/", "ListenerNotProtected")]
    [InlineData("listen = https://0.0.0.0:8443/\ncertificate = c.pfx", "ValueMissing")]
    [InlineData("listen = https://0.0.0.0:8443/\nauth_basic_user = u\nauth_basic_pass = p", "ValueMissing")]
    [InlineData("listen = https://192.0.2.1:8443/\ncertificate = c.pfx\nauth_basic_user = u", "ValueMissing")]
    [InlineData("listen = https://127.0.0.1:8443/", "ValueMissing")]
    [InlineData("listen = http://intel.example:8443/", "NotAHost")]
    [InlineData("listen = http://127.0.0.1:8443/path", "NotAUrl")]
    [InlineData("listen = http://127.0.0.1:8443/\nauth_basic_pass = p", "ValueMissing")]
    [InlineData("listen = http://127.0.0.1:8443/\nauth_basic_user = a:b\nauth_basic_pass = p", "OptionsConflict")]
    public void What_would_be_open_to_others_is_an_error(string keys, string expected)
    {
        using var folder = new ConfigurationFolder();
        foreach (var section in (string[])["feed_server", "taxii_server"])
        {
            var reading = folder.Read($"{ConfigurationFolder.Minimum}[{section}]\nuse = True\n{keys}\n");

            Assert.Null(reading.Settings);
            Assert.Contains(reading.Findings, finding => finding.Id == expected && finding.Section == section);
        }
    }

    [Fact]
    public void Two_servers_at_one_port_are_an_error()
    {
        using var folder = new ConfigurationFolder();

        var reading = folder.Read($"{ConfigurationFolder.Minimum}[feed_server]\nuse = True\nlisten = http://127.0.0.1:8080\n[taxii_server]\nuse = True\nlisten = http://127.0.0.1:8080\n");

        Assert.Contains(reading.Findings, finding => finding.Id == FindingRules.OptionsConflict.Id && finding.Section == "taxii_server");
    }
}
