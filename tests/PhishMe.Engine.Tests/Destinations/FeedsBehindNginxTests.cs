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

    private void Publish(long id, string domain) =>
        _api.Publish(ThreatBuilder.Malware(id, DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds()).Domain(domain));

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
