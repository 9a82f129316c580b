using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using PhishMe.Engine.Tests.Destinations.Syslog;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>Feed files behind a real web server: a reader that asks for changes only gets each content once.</summary>
public sealed class FeedsBehindNginxTests : IAsyncLifetime
{
    private static readonly string[] _files =
        ["cb.json", "lr/phishme_intelligence_domainname_major.txt", "centripetal/domain.csv", "minemeld/domain.txt", "qradar/Hostname.json"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("phishme-nginx-");
    private ThreatHqSimulator _api = null!;
    private Installation _installation = null!;
    private Process? _nginx;
    private HttpClient? _reader;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _api = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);
        _installation = new Installation(_api)
            .Feed("carbon_black", "cb_feed", "cb.json")
            .Feed("logrhythm", "output_dir", "lr")
            .Feed("centripetal_networks", "output_dir", "centripetal")
            .Feed("paloalto_minemeld", "output_dir", "minemeld")
            .Feed("qradar_siem", "json_output_dir", "qradar").Set("integration_qradar_siem", "append", "False")
            .Save();
    }

    public async ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        if (_nginx is not null)
        {
            _nginx.Kill(entireProcessTree: true);
            await _nginx.WaitForExitAsync(CancellationToken.None);
            _nginx.Dispose();
        }

        _installation.Dispose();
        await _api.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_reader_gets_304_until_the_content_changes_and_then_the_whole_new_file()
    {
        await StartNginxAsync();
        Publish(1, "a.example");
        await _installation.RunAsync();
        var first = await GetAllAsync();
        Assert.All(first, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));

        Assert.Equal(ExitCode.Done, (await _installation.RunAsync()).ExitCode);
        Assert.All(await GetAllAsync(first), answer => Assert.Equal(HttpStatusCode.NotModified, answer.Status));

        // A threat that is published again unchanged is no change either.
        _api.RepublishUnchanged("m_1");
        var before = await GetAllAsync();
        Assert.Equal(before.Select(answer => answer.Body), first.Select(answer => answer.Body));

        Publish(2, "b.example");
        Assert.Equal(ExitCode.Done, (await _installation.RunAsync()).ExitCode);
        Assert.All((await GetAllAsync(first)).Zip(_files), pair =>
        {
            Assert.Equal(HttpStatusCode.OK, pair.First.Status);
            Assert.Equal(File.ReadAllText(_installation.InFolder(pair.Second)), pair.First.Body);
            Assert.Contains("b.example", pair.First.Body, StringComparison.Ordinal);
        });
    }

    [Fact]
    [Trait("Case", "T21")]
    public async Task A_reader_that_polls_while_files_are_replaced_gets_whole_files_only()
    {
        await StartNginxAsync();
        Publish(1, [.. Enumerable.Range(0, 1_500).Select(i => FormattableString.Invariant($"old{i}.example"))]);
        await _installation.RunAsync();
        HashSet<string>[] whole = [.. _files.Select(file => new HashSet<string> { Content(file) })];
        using var done = new CancellationTokenSource();
        var polling = Task.Run(
            async () =>
            {
                var seen = new List<List<(HttpStatusCode Status, string Body, EntityTagHeaderValue? Tag)>>();
                do
                {
                    seen.Add(await GetAllAsync());
                }
                while (!done.IsCancellationRequested);
                return seen;
            },
            Stop);

        for (var threat = 2; threat <= 8; threat++)
        {
            Publish(threat, FormattableString.Invariant($"new{threat}.example"));
            Assert.Equal(ExitCode.Done, (await _installation.RunAsync()).ExitCode);
            for (var file = 0; file < _files.Length; file++)
            {
                whole[file].Add(Content(_files[file]));
            }
        }

        await done.CancelAsync();
        Assert.All(await polling, answers => Assert.All(answers.Zip(whole), pair =>
        {
            Assert.Equal(HttpStatusCode.OK, pair.First.Status);
            Assert.Contains(pair.First.Body, pair.Second);
        }));
        Assert.All(whole, contents => Assert.Equal(8, contents.Count));
    }

    [Fact]
    [Trait("Case", "T21")]
    [Trait("Case", "T22")]
    public async Task Trouble_on_our_side_leaves_every_file_with_its_tag()
    {
        await StartNginxAsync();
        Publish(1, [.. Enumerable.Range(0, 40).Select(i => FormattableString.Invariant($"old{i}.example"))]);
        await _installation.RunAsync();
        var first = await GetAllAsync();
        Publish(2, "new.example");

        // The API does not take the credentials any more.
        var password = _installation.ReadKey("pass");
        _installation.Edit("pass", new string('x', password.Length));
        Assert.Equal(ExitCode.CredentialsRefused, (await _installation.RunAsync()).ExitCode);
        await AssertUntouchedAsync();

        // The configuration cannot be read.
        _installation.Edit("pass", password);
        var configuration = await File.ReadAllTextAsync(_installation.ConfigurationPath, Stop);
        await File.WriteAllTextAsync(_installation.ConfigurationPath, configuration + "\n[integration_logrhythm\nuse", Stop);
        Assert.Equal(ExitCode.Configuration, (await _installation.RunAsync()).ExitCode);
        await AssertUntouchedAsync();
        await File.WriteAllTextAsync(_installation.ConfigurationPath, configuration, Stop);

        // A threat in the store is damaged.
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_installation.StatePath};Pooling=False"))
        {
            await connection.OpenAsync(Stop);
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE stored_json SET json = x'05000000ffff' WHERE threat = 1";
            Assert.Equal(1, await command.ExecuteNonQueryAsync(Stop));
        }

        Assert.Equal("StoreDamaged", (await _installation.RunAsync()).Fault?.Kind.Id);
        await AssertUntouchedAsync();

        // The store is gone.
        foreach (var path in Directory.GetFiles(_installation.Folder, Path.GetFileName(_installation.StatePath) + "*"))
        {
            File.Delete(path);
        }

        Assert.Contains((await _installation.RunAsync()).Warnings, warning => warning.Contains("stay as they were", StringComparison.Ordinal));
        await AssertUntouchedAsync();

        async Task AssertUntouchedAsync() => Assert.All(await GetAllAsync(first), answer => Assert.Equal(HttpStatusCode.NotModified, answer.Status));
    }

    [Fact]
    [Trait("Case", "T22")]
    public async Task When_everything_is_withdrawn_a_list_is_200_with_no_bytes()
    {
        await StartNginxAsync();
        Publish(1, "a.example");
        await _installation.RunAsync();
        _api.Withdraw("m_1");

        Assert.Equal(ExitCode.Done, (await _installation.RunAsync()).ExitCode);

        var answers = (await GetAllAsync()).Zip(_files).ToDictionary(pair => pair.Second, pair => pair.First);
        Assert.All(answers.Values, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.All((string[])["lr/phishme_intelligence_domainname_major.txt", "minemeld/domain.txt", "qradar/Hostname.json"], file => Assert.Empty(answers[file].Body));
        Assert.DoesNotContain("a.example", answers["cb.json"].Body + answers["centripetal/domain.csv"].Body, StringComparison.Ordinal);
    }

    private string Content(string file) => File.ReadAllText(_installation.InFolder(file));

    private void Publish(long id, params IEnumerable<string> domains) => _api.Publish(domains.Aggregate(
        ThreatBuilder.Malware(id, DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds()), (threat, domain) => threat.Domain(domain)));

    private async Task<List<(HttpStatusCode Status, string Body, EntityTagHeaderValue? Tag)>> GetAllAsync(
        List<(HttpStatusCode Status, string Body, EntityTagHeaderValue? Tag)>? known = null)
    {
        var answers = new List<(HttpStatusCode, string, EntityTagHeaderValue?)>();
        for (var file = 0; file < _files.Length; file++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_files[file], UriKind.Relative));
            if (known is not null)
            {
                request.Headers.IfNoneMatch.Add(known[file].Tag!);
            }

            using var response = await _reader!.SendAsync(request, Stop);
            answers.Add((response.StatusCode, await response.Content.ReadAsStringAsync(Stop), response.Headers.ETag));
        }

        return answers;
    }

    private async Task StartNginxAsync()
    {
        var program = Receiver.Find("nginx");
        Assert.SkipWhen(program is null, "skipped: nginx not installed");
        int port;
        using (var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)free.LocalEndPoint!).Port;
        }

        var user = Environment.IsPrivilegedProcess ? "user root;" : string.Empty;
        var configuration = Path.Combine(_folder.FullName, "nginx.conf");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            {{user}}
            daemon off;
            worker_processes 1;
            pid {{_folder.FullName}}/pid;
            error_log {{_folder.FullName}}/error.log;
            events { }
            http {
                access_log off;
                client_body_temp_path {{_folder.FullName}}/body;
                proxy_temp_path {{_folder.FullName}}/proxy;
                fastcgi_temp_path {{_folder.FullName}}/fastcgi;
                uwsgi_temp_path {{_folder.FullName}}/uwsgi;
                scgi_temp_path {{_folder.FullName}}/scgi;
                server { listen 127.0.0.1:{{port}}; root {{_installation.Folder}}; }
            }

            """,
            Stop);
        _nginx = Process.Start(new ProcessStartInfo(program!, ["-c", configuration, "-e", Path.Combine(_folder.FullName, "error.log")]))!;
        _reader = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        while (true)
        {
            Assert.False(_nginx.HasExited, "nginx ended.");
            try
            {
                using var answer = await _reader.GetAsync(new Uri("nothing", UriKind.Relative), Stop);
                return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet; the token of the test ends this.
                await Task.Yield();
            }
        }
    }
}
