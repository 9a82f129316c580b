using System.Globalization;
using PhishMe.Engine.Serving.Readers;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Serving;

/// <summary>Who reads what, when last, and how far each has come: on the page and in the figures.</summary>
public sealed class ReaderTests
{
    private const string Password = "the-password-of-a-reader";

    private static readonly long _now = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_reader_is_shown_with_its_last_poll_and_how_far_it_has_come()
    {
        await using var simulator = await StartAsync();
        using var installation = Installed(simulator);
        await installation.RunAsync();
        await using var served = await ServedFolder.StartAsync(installation);
        Assert.Contains("No reader has asked since the server started.", await PageAsync(served), StringComparison.Ordinal);
        Assert.DoesNotContain("phishme_reader", await FiguresAsync(served), StringComparison.Ordinal);

        var date = await PollAsync(served, "all", "limit=2", "EclecticIQ/3.1");
        var begun = await FiguresAsync(served);
        Assert.Contains("\nphishme_reader_at_end{section=\"taxii_server\",collection=\"all\",user=\"reader\",client=\"EclecticIQ/3.1\"} 0\n", begun, StringComparison.Ordinal);
        Assert.Equal(date, Reached(begun, "client=\"EclecticIQ/3.1\""));
        Assert.Contains("has more to read", await PageAsync(served), StringComparison.Ordinal);

        var last = await PollAsync(served, "all", "limit=1000", "EclecticIQ/3.1");
        await PollAsync(served, "all", $"added_after={last!.Value.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}", "EclecticIQ/3.1");
        await PollAsync(served, "malware-major", "limit=1000", "MineMeld");
        using (await AskAsync(served.Feed, "feeds/paloalto_minemeld/domain.txt", Password))
        {
        }

        var ended = await FiguresAsync(served);
        Assert.Contains("\nphishme_reader_at_end{section=\"taxii_server\",collection=\"all\",user=\"reader\",client=\"EclecticIQ/3.1\"} 1\n", ended, StringComparison.Ordinal);
        Assert.Equal(last, Reached(ended, "client=\"EclecticIQ/3.1\""));
        Assert.Contains("collection=\"malware-major\",user=\"reader\",client=\"MineMeld\"", ended, StringComparison.Ordinal);
        Assert.Contains("collection=\"/feeds/paloalto_minemeld/domain.txt\",user=\"reader\",client=\"\"", ended, StringComparison.Ordinal);
        var page = await PageAsync(served);
        Assert.Matches("<code>malware-major</code></td><td><time [^>]*>[^<]*</time></td><td class=\"good\">had everything</td><td><time [^>]*>[^<]*</time></td><td>reader</td><td>MineMeld</td>", page);
        Assert.DoesNotContain("has more to read", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, page + ended, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_gets_no_page_is_no_poll()
    {
        await using var simulator = await StartAsync();
        using var installation = Installed(simulator);
        await installation.RunAsync();
        await using var served = await ServedFolder.StartAsync(installation);

        foreach (var address in (string[])["taxii2/", "intel/collections/", "intel/collections/none/objects/", "intel/collections/all/objects/?limit=x", "intel/collections/all/objects/x/"])
        {
            using var answer = await AskAsync(served.Taxii, address, Password);
        }

        using var refused = await AskAsync(served.Taxii, "intel/collections/all/objects/", "wrong");
        using var page = await AskAsync(served.Feed, "", Password);

        Assert.DoesNotContain("phishme_reader", await FiguresAsync(served), StringComparison.Ordinal);
    }

    /// <summary>Without credentials, every name is what a client says.</summary>
    [Fact]
    public async Task Hostile_names_are_text_on_the_page_and_one_line_in_the_figures()
    {
        await using var served = await ServedFolder.StartAsync(store => store.Put(ThreatBuilder.Malware(1, _now).Domain("a.example")), ServedFolder.BothServers.Replace("0/", "0/\nstatus = True", StringComparison.Ordinal));
        string[] names = ["<script>alert(1)</script>", "\"onmouseover=\"alert(1)", "a\nphishme_run_exit_code 99", "x\u202Egpj", new('n', 3000), "\\\"} 1\n"];
        for (var i = 0; i < 3 * ReaderRegister.Most; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("intel/collections/all/objects/", UriKind.Relative));
            request.Headers.Authorization = ServedFolder.Basic(i < 200 ? $"{i} {names[i % names.Length]}" : names[i % names.Length], Password);
            request.Headers.TryAddWithoutValidation("User-Agent", i % 2 == 0 ? "<img src=x>\"'" : new string('u', 2000));
            using var answer = await served.Taxii.SendAsync(request, Token);
            Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
        }

        var page = await served.Taxii.GetStringAsync(new Uri("", UriKind.Relative), Token);
        var figures = await served.Taxii.GetStringAsync(new Uri("metrics", UriKind.Relative), Token);

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\"onmouseover", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\u202E', page + figures);
        Assert.DoesNotContain(new string('n', ReaderRegister.LongestName + 1), page + figures, StringComparison.Ordinal);
        Assert.Equal(ReaderRegister.Most, figures.Split('\n').Count(line => line.StartsWith("phishme_reader_at_end{", StringComparison.Ordinal)));
        Assert.All(
            figures.Split('\n').Where(line => line.StartsWith("phishme_reader", StringComparison.Ordinal)),
            line => Assert.Matches("^[a-z_]+\\{[a-z]+=\"([^\"\\\\]|\\\\.)*\"(,[a-z]+=\"([^\"\\\\]|\\\\.)*\")*\\} [0-9.E+]+$", line));
        Assert.DoesNotContain("\nphishme_run_exit_code 99", figures, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Basic dGhlLXBhc3N3b3JkLW9mLWEtcmVhZGVy")]
    [InlineData("Basic not base64!")]
    [InlineData("Bearer the-password-of-a-reader")]
    [InlineData("Basic OnRoZS1wYXNzd29yZC1vZi1hLXJlYWRlcg==")]
    public async Task What_may_be_a_password_is_no_name(string header)
    {
        await using var served = await ServedFolder.StartAsync(store => store.Put(ThreatBuilder.Malware(1, _now).Domain("a.example")));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("intel/collections/all/objects/", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Authorization", header);
        using var answer = await served.Taxii.SendAsync(request, Token);

        Assert.True(answer.IsSuccessStatusCode);
        Assert.Contains(",user=\"\",", await FiguresAsync(served), StringComparison.Ordinal);
    }

    [Fact]
    public void The_readers_that_asked_last_are_kept()
    {
        var register = new ReaderRegister();
        var start = DateTimeOffset.UnixEpoch;
        for (var i = 0; i < ReaderRegister.Most + 20; i++)
        {
            register.Note(new ReaderProgress(new ReaderKey("s", $"u{i:000}", "c", "all"), start.AddSeconds(i), null, IsAtEnd: true));
            register.Note(new ReaderProgress(new ReaderKey("s", "steady", "c", "all"), start.AddSeconds(i), null, IsAtEnd: true));
        }

        Assert.Equal(ReaderRegister.Most, register.All.Count);
        Assert.Equal(["steady", .. Enumerable.Range(21, ReaderRegister.Most - 1).Select(i => $"u{i:000}")], register.All.Select(one => one.Key.User));
    }

    private static async Task<ThreatHqSimulator> StartAsync()
    {
        var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 0 }, Token);
        simulator.Publish(ThreatBuilder.Malware(1, _now).Domain("a.example").Domain("b.example"));
        return simulator;
    }

    private static Installation Installed(ThreatHqSimulator simulator)
    {
        var installation = new Installation(simulator).Set("integration_paloalto_minemeld", "use", "True").Set("integration_paloalto_minemeld", "output_dir", "minemeld");
        foreach (var section in (string[])["feed_server", "taxii_server"])
        {
            installation.Set(section, "use", "True").Set(section, "listen", "http://127.0.0.1:0/").Set(section, "auth_basic_user", "reader").Set(section, "auth_basic_pass", Password);
        }

        return installation.Save();
    }

    private static async Task<DateTimeOffset?> PollAsync(ServedFolder served, string collection, string query, string client)
    {
        using var answer = await AskAsync(served.Taxii, $"intel/collections/{collection}/objects/?{query}", Password, client);
        Assert.True(answer.IsSuccessStatusCode);
        return answer.Headers.TryGetValues("X-TAXII-Date-Added-Last", out var dates) ? DateTimeOffset.Parse(dates.Single(), CultureInfo.InvariantCulture) : null;
    }

    private static DateTimeOffset Reached(string figures, string label) => DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(1000 * double.Parse(
        figures.Split('\n').Single(line => line.StartsWith("phishme_reader_reached", StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal)).Split(' ')[^1],
        CultureInfo.InvariantCulture)));

    private static async Task<string> PageAsync(ServedFolder served) => await TextAsync(served, string.Empty);

    private static Task<string> FiguresAsync(ServedFolder served) => TextAsync(served, "metrics");

    private static async Task<string> TextAsync(ServedFolder served, string address)
    {
        using var answer = await AskAsync(served.Feed, address, Password);
        return await answer.Content.ReadAsStringAsync(Token);
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient client, string address, string password, string? agent = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, UriKind.Relative));
        request.Headers.Authorization = ServedFolder.Basic("reader", password);
        if (agent is not null)
        {
            request.Headers.TryAddWithoutValidation("User-Agent", agent);
        }

        return await client.SendAsync(request, Token);
    }
}
