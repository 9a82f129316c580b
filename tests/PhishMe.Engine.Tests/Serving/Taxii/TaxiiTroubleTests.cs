using System.Net;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Serving.Taxii;

/// <summary>
/// Trouble of the server while a reader polls. No answer says that credentials are wrong or that there is nothing; when the trouble is over, the reader continues
/// from where it was and has each object once.
/// </summary>
public sealed class TaxiiTroubleTests
{
    private const string User = "reader";
    private const string Domains = "feeds/paloalto_minemeld/domain.txt";

    private static readonly long _now = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Case", "T21")]
    public async Task A_reader_whose_password_is_changed_in_the_middle_goes_on_where_it_was()
    {
        await using var simulator = await StartAsync();
        using var installation = Installed(simulator, "the first password");
        await installation.RunAsync();
        var reader = new PollingReader();
        await using (var first = await ServedFolder.StartAsync(installation))
        {
            Assert.Equal(HttpStatusCode.OK, await reader.AskAsync(first.Taxii, User, "the first password"));
            Assert.True(reader.HasMore);
        }

        // Stopped: no answer at all.
        simulator.Publish(ThreatBuilder.Malware(90, _now + 1000).Domain("later.example"));
        await installation.RunAsync();
        await using var second = await ServedFolder.StartAsync(Installed(installation, "the second password"));
        foreach (var password in (string[])["the first password", "the first password"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await reader.AskAsync(second.Taxii, User, password));
        }

        while (reader.HasMore)
        {
            Assert.Equal(HttpStatusCode.OK, await reader.AskAsync(second.Taxii, User, "the second password"));
        }

        await AssertCompleteAsync(reader, second, "the second password", "later.example");
    }

    [Fact]
    [Trait("Case", "T21")]
    public async Task With_both_passwords_for_a_time_no_reader_is_refused()
    {
        await using var simulator = await StartAsync();
        using var installation = Installed(simulator, "the first password");
        await installation.RunAsync();
        var reader = new PollingReader();
        await using (var first = await ServedFolder.StartAsync(installation))
        {
            Assert.Equal(HttpStatusCode.OK, await reader.AskAsync(first.Taxii, User, "the first password"));
        }

        Both("taxii_server");
        Both("feed_server");
        await using var second = await ServedFolder.StartAsync(Installed(installation, "the second password"));
        Assert.Equal(HttpStatusCode.OK, await reader.AskAsync(second.Taxii, User, "the first password"));
        Assert.Equal((HttpStatusCode.OK, "a"), await FeedAsync(second.Feed, "the first password"));
        while (reader.HasMore)
        {
            Assert.Equal(HttpStatusCode.OK, await reader.AskAsync(second.Taxii, User, "the second password"));
        }

        Assert.Equal((HttpStatusCode.OK, "a"), await FeedAsync(second.Feed, "the second password"));
        await AssertCompleteAsync(reader, second, "the second password");

        void Both(string section) => installation.Set(section, "auth_basic_pass_before", "the first password");
    }

    /// <summary>Another process holds the file for itself: a backup, a repair.</summary>
    [Fact]
    [Trait("Case", "T21")]
    public async Task A_locked_store_is_503_and_the_reader_loses_nothing()
    {
        await using var simulator = await StartAsync();
        using var installation = Installed(simulator, "a password");
        await installation.RunAsync();
        var reader = new PollingReader();
        await using (var first = await ServedFolder.StartAsync(installation))
        {
            Assert.Equal(HttpStatusCode.OK, await reader.AskAsync(first.Taxii, User, "a password"));
        }

        await using var served = await ServedFolder.StartAsync(installation);
        using (var holder = new SqliteConnection($"Data Source={installation.StatePath};Pooling=False"))
        {
            holder.Open();
            using var command = holder.CreateCommand();
            command.CommandText = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE served_order SET last = last;";
            command.ExecuteNonQuery();

            Assert.Equal(HttpStatusCode.ServiceUnavailable, await reader.AskAsync(served.Taxii, User, "a password"));
            Assert.True(reader.RetryAfter > TimeSpan.Zero);
            Assert.Equal(HttpStatusCode.Unauthorized, await reader.AskAsync(served.Taxii, User, "wrong"));
            Assert.Equal((HttpStatusCode.OK, "a"), await FeedAsync(served.Feed, "a password"));
        }

        while (reader.HasMore)
        {
            Assert.Equal(HttpStatusCode.OK, await reader.AskAsync(served.Taxii, User, "a password"));
        }

        await AssertCompleteAsync(reader, served, "a password");
    }

    [Fact]
    [Trait("Case", "T21")]
    public async Task A_store_that_is_gone_or_no_store_is_503_and_the_reader_loses_nothing()
    {
        await using var simulator = await StartAsync();
        using var installation = Installed(simulator, "a password");
        await installation.RunAsync();
        var reader = new PollingReader();
        await using (var first = await ServedFolder.StartAsync(installation))
        {
            Assert.Equal(HttpStatusCode.OK, await reader.AskAsync(first.Taxii, User, "a password"));
        }

        File.Move(installation.StatePath, installation.StatePath + ".away");
        await using var served = await ServedFolder.StartAsync(installation);
        await AssertTroubleAsync();
        await File.WriteAllTextAsync(installation.StatePath, new string('x', 10_000), Stop);
        await AssertTroubleAsync();
        File.Delete(installation.StatePath);
        Directory.CreateDirectory(installation.StatePath);
        await AssertTroubleAsync();
        Directory.Delete(installation.StatePath);
        File.Move(installation.StatePath + ".away", installation.StatePath);

        while (reader.HasMore)
        {
            Assert.Equal(HttpStatusCode.OK, await reader.AskAsync(served.Taxii, User, "a password"));
        }

        await AssertCompleteAsync(reader, served, "a password");

        async Task AssertTroubleAsync()
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await reader.AskAsync(served.Taxii, User, "a password"));
            Assert.True(reader.RetryAfter > TimeSpan.Zero);
        }
    }

    /// <summary>A configuration that became unreadable is not read: what is served goes on.</summary>
    [Fact]
    [Trait("Case", "T21")]
    public async Task A_configuration_that_cannot_be_read_any_more_changes_nothing_for_readers()
    {
        await using var simulator = await StartAsync();
        using var installation = Installed(simulator, "a password");
        await installation.RunAsync();
        await using var served = await ServedFolder.StartAsync(installation);
        await File.WriteAllTextAsync(installation.ConfigurationPath, "[pm_api\nuser", Stop);

        var reader = new PollingReader();
        do
        {
            Assert.Equal(HttpStatusCode.OK, await reader.AskAsync(served.Taxii, User, "a password"));
        }
        while (reader.HasMore);

        Assert.Equal((HttpStatusCode.OK, "a"), await FeedAsync(served.Feed, "a password"));
        await AssertCompleteAsync(reader, served, "a password");
    }

    private static async Task AssertCompleteAsync(PollingReader reader, ServedFolder served, string password, params string[] names)
    {
        var fresh = new PollingReader();
        do
        {
            Assert.Equal(HttpStatusCode.OK, await fresh.AskAsync(served.Taxii, User, password));
        }
        while (fresh.HasMore);

        Assert.Equal(fresh.Ids.Order(), reader.Ids.Order());
        Assert.Equal(reader.Ids.Count, reader.Ids.Distinct().Count());
        Assert.All(names, name => Assert.Contains(name, reader.Names));
    }

    private static async Task<(HttpStatusCode Status, string Domain)> FeedAsync(HttpClient client, string password)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Domains, UriKind.Relative));
        request.Headers.Authorization = ServedFolder.Basic(User, password);
        using var answer = await client.SendAsync(request, Stop);
        return (answer.StatusCode, (await answer.Content.ReadAsStringAsync(Stop)).Split('.')[0]);
    }

    private static async Task<ThreatHqSimulator> StartAsync()
    {
        var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 0 }, Stop);
        for (var number = 1; number <= 12; number++)
        {
            simulator.Publish(ThreatBuilder.Malware(number, _now - number).Domain("a.example").Domain($"n{number}.example"));
        }

        return simulator;
    }

    private static Installation Installed(ThreatHqSimulator simulator, string password)
    {
        var installation = new Installation(simulator).Set("integration_paloalto_minemeld", "use", "True").Set("integration_paloalto_minemeld", "output_dir", "minemeld");
        foreach (var section in (string[])["feed_server", "taxii_server"])
        {
            installation.Set(section, "use", "True").Set(section, "listen", "http://127.0.0.1:0/").Set(section, "auth_basic_user", User);
        }

        return Installed(installation, password);
    }

    private static Installation Installed(Installation installation, string password) => installation
        .Set("feed_server", "auth_basic_pass", password).Set("taxii_server", "auth_basic_pass", password).Save();

    /// <summary>A reader that remembers its place only when it got a page.</summary>
    private sealed class PollingReader
    {
        private string? _next;

        public List<string> Ids { get; } = [];

        public List<string> Names { get; } = [];

        public bool HasMore { get; private set; } = true;

        public TimeSpan RetryAfter { get; private set; }

        public async Task<HttpStatusCode> AskAsync(HttpClient client, string user, string password)
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Get, new Uri($"intel/collections/all/objects/?limit=5{(_next is null ? string.Empty : $"&next={_next}")}", UriKind.Relative));
            request.Headers.Authorization = ServedFolder.Basic(user, password);
            using var answer = await client.SendAsync(request, Stop);
            using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));
            RetryAfter = answer.Headers.RetryAfter?.Delta ?? TimeSpan.Zero;
            if (answer.IsSuccessStatusCode)
            {
                foreach (var item in body.RootElement.GetProperty("objects").EnumerateArray())
                {
                    Ids.Add($"{item.Id()} {item.GetRawText()}");
                    Names.Add(item.TryGetProperty("name", out var name) ? name.GetString()! : string.Empty);
                }

                _next = body.RootElement.TryGetProperty("next", out var next) ? next.GetString() : null;
                HasMore = _next is not null;
            }

            return answer.StatusCode;
        }
    }
}
