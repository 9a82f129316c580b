using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>Feed files of products in whole runs: what stands in them, when they are touched, and what a failure leaves.</summary>
public sealed class FeedProductTests
{
    private static readonly long _now = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds() / 1000 * 1000;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_feed_has_what_the_threats_have()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(7).Domain("b.example").Domain("a.example", "Moderate").Block("IPv4 Address", "198.51.100.7", "Minor", "Payload", "Dyre")
            .Url("https://c.example/x,y?\"q\"").File("0cc175b9c0f1b6a831c399e269772661", "dropper.exe"));
        simulator.Publish(Phish(7, "https://login.example/page"));
        using var installation = All(simulator);

        var summary = await installation.RunAsync();

        Assert.Equal((ExitCode.Done, null), (summary.ExitCode, summary.Fault));
        Assert.Equal("a.example\n", Read(installation, "lr/phishme_intelligence_domainname_moderate.txt"));
        Assert.Equal("b.example\nlogin.example\n", Read(installation, "lr/phishme_intelligence_domainname_major.txt"));
        Assert.Equal("198.51.100.7\n", Read(installation, "lr/phishme_intelligence_ipv4address_minor.txt"));
        Assert.Equal("https://c.example/x,y?\"q\"\nhttps://login.example/page\n", Read(installation, "lr/phishme_intelligence_url_major.txt"));
        Assert.Equal("0cc175b9c0f1b6a831c399e269772661\n", Read(installation, "lr/phishme_intelligence_md5.txt"));
        Assert.Equal(string.Empty, Read(installation, "lr/phishme_intelligence_email_major.txt"));
        var time = DateTimeOffset.FromUnixTimeMilliseconds(_now).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        var first = DateTimeOffset.FromUnixTimeMilliseconds(_now - 1000).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        Assert.Equal(
            $"""
            indicator,type,impact,score,role,family,threat_id,first_published,last_published,report_url
            a.example,domain,Moderate,75,C2,,m_7,{first},{time},https://portal.example/p42/search/default?m=7
            b.example,domain,Major,100,C2,,m_7,{first},{time},https://portal.example/p42/search/default?m=7

            """,
            Read(installation, "centripetal/domain.csv").Replace($"login.example,domain,Major,100,Phish,,p_7,{first},{time},\n", string.Empty, StringComparison.Ordinal));
        Assert.Contains("\"https://c.example/x,y?\"\"q\"\"\",url,Major,100,C2,,m_7,", Read(installation, "centripetal/url_major.csv"), StringComparison.Ordinal);
        Assert.Equal(
            "indicator,type,impact,score,role,family,threat_id,first_published,last_published,report_url\n", Read(installation, "centripetal/ip.csv"));
        Assert.StartsWith(
            "indicator,type,confidence,share_level,phishme_impact,phishme_role,malware_family,threat_id,first_seen,last_seen\na.example,domain,75,yellow,Moderate,C2,,m_7,",
            Lines(installation, "minemeld/indicators.csv", line => !line.Contains("b.example", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal("b.example\nlogin.example\na.example\n", Read(installation, "minemeld/domain.txt"));
        Assert.Equal("c.example/x,y?\"q\"\nlogin.example/page\n", Read(installation, "minemeld/url.txt"));
        var hostname = JsonNode.Parse(Read(installation, "qradar/Hostname.json").Split('\n')[0])!["a.example"]!;
        Assert.Equal((7, "Cofense Intelligence", "Moderate", _now), ((int)hostname["Identifier"]!, (string?)hostname["Provider"], (string?)hostname["Impact Rating"], (long)hostname["Last Seen Date"]!));
        Assert.Null(JsonNode.Parse(Read(installation, "qradar/MD5.json"))!["0cc175b9c0f1b6a831c399e269772661"]!["Impact Rating"]);
        var reports = Reports(installation);
        Assert.Equal(["7_Major", "7_Minor", "7_Moderate", "p_7_Major"], reports.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            $$"""{"id":"7_Minor","iocs":{"ipv4":["198.51.100.7"]},"link":"https://portal.example/p42/search/default?m=7","score":35,"tags":["dyre","payload"],"timestamp":{{_now / 1000}},"title":"Threat ID 7, impact Minor, Dyre"}""",
            reports["7_Minor"].ToJsonString());
        Assert.Equal("""{"dns":["b.example"],"md5":["0cc175b9c0f1b6a831c399e269772661"]}""", reports["7_Major"]["iocs"]!.ToJsonString());
    }

    [Fact]
    public async Task Nothing_changed_touches_no_file_one_new_indicator_is_one_new_row_and_a_withdrawal_is_absence()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(1).Domain("kept.example").Domain("shared.example"));
        simulator.Publish(Threat(2).Domain("shared.example").Domain("other.example"));
        using var installation = All(simulator);
        await installation.RunAsync();
        var before = Snapshot(installation);

        var idle = await installation.RunAsync();

        Assert.All(idle.Destinations, destination => Assert.Equal(0, destination.FilesWritten));
        Assert.Equal(before, Snapshot(installation));

        simulator.Publish(Threat(1).Domain("kept.example").Domain("shared.example").Domain("new.example"));
        await installation.RunAsync();
        Assert.Equal("kept.example\nnew.example\nother.example\nshared.example\n", Read(installation, "lr/phishme_intelligence_domainname_major.txt"));
        Assert.Equal(before["lr/phishme_intelligence_url_major.txt"], Snapshot(installation)["lr/phishme_intelligence_url_major.txt"]);

        simulator.Withdraw("m_1");
        await installation.RunAsync();
        Assert.Equal("other.example\nshared.example\n", Read(installation, "lr/phishme_intelligence_domainname_major.txt"));
        Assert.Equal(["2_Major"], Reports(installation).Keys);
        Assert.DoesNotContain("kept.example", string.Concat(Snapshot(installation).Keys.Select(name => Read(installation, name))), StringComparison.Ordinal);

        simulator.Withdraw("m_2");
        var last = await installation.RunAsync();
        Assert.Equal(ExitCode.Done, last.ExitCode);
        Assert.Equal(0, new FileInfo(installation.InFolder("lr/phishme_intelligence_domainname_major.txt")).Length);
        Assert.Empty(Reports(installation));
    }

    [Fact]
    public async Task A_file_that_someone_removed_is_made_again()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(1).Domain("a.example"));
        using var installation = All(simulator);
        await installation.RunAsync();
        File.Delete(installation.InFolder("minemeld/domain.txt"));

        await installation.RunAsync();

        Assert.Equal("a.example\n", Read(installation, "minemeld/domain.txt"));
    }

    [Fact]
    public async Task Nothing_benign_private_corollary_or_malformed_is_in_a_list_that_is_enforced()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(1).Domain("bad.example").Domain("ip.example", "Major", "IDinfo").Domain("none.example", "None").IPv4("10.1.2.3").IPv4("198.51.100.1")
            .Url("http://192.168.0.1/x").Url("http://ok.example/a\u0001b").File("d41d8cd98f00b204e9800998ecf8427e", "empty.txt")
            .File("900150983cd24fb0d6963f7d28e17f72", "tool.exe", "Otherwise benign software application repurposed for use by malware")
            .With("senderEmailSet", new JsonObject { ["senderEmail"] = "who@sender.example", ["totalCount"] = 1 })
            .With("subjectSet", new JsonObject { ["subject"] = "Invoice", ["totalCount"] = 1 }));
        using var installation = All(simulator);

        var summary = await installation.RunAsync();

        Assert.Equal("bad.example\n", Read(installation, "minemeld/domain.txt"));
        Assert.Equal("198.51.100.1\n", Read(installation, "minemeld/ip.txt"));
        Assert.Equal(string.Empty, Read(installation, "minemeld/url.txt"));
        Assert.Equal(string.Empty, Read(installation, "lr/phishme_intelligence_md5.txt"));
        var all = string.Concat(Snapshot(installation).Keys.Where(name => !name.StartsWith("cb", StringComparison.Ordinal)).Select(name => Read(installation, name)));
        Assert.All((string[])["10.1.2.3", "192.168", "ok.example", "d41d8cd98f", "900150983c", "sender.example", "Invoice"], text => Assert.DoesNotContain(text, all, StringComparison.Ordinal));

        // Reports and ratings say that something is benign; lists that are enforced do not have it.
        Assert.All((string[])["ip.example", "none.example"], text => Assert.DoesNotContain(
            text, Read(installation, "minemeld/indicators.csv") + Read(installation, "centripetal/domain.csv"), StringComparison.Ordinal));
        var benign = Reports(installation)["1_None"];
        Assert.Equal(0, (int)benign["score"]!);
        Assert.Equal("""{"dns":["ip.example","none.example"],"md5":["900150983cd24fb0d6963f7d28e17f72"]}""", benign["iocs"]!.ToJsonString());
        Assert.Equal("ip.example\nnone.example\n", Read(installation, "lr/phishme_intelligence_domainname_none.txt"));

        var domains = summary.Destinations.Single(destination => destination.Id == "paloalto_minemeld").Kinds.Single(kind => kind.Kind == IndicatorKind.Domain);
        Assert.Equal((3L, 1L, 0L, 2L), (domains.Offered, domains.Delivered, domains.NotCarried, domains.LeftOut));
    }

    [Fact]
    public async Task A_store_of_URLs_into_a_feed_that_has_no_place_for_them_is_a_warning()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(1).Url("http://a.example/1").Url("http://a.example/2"));
        using var installation = new Installation(simulator).Feed("carbon_black", "cb_feed", "cb.json").Save();

        var summary = await installation.RunAsync();

        Assert.Contains(summary.Warnings, warning => warning.StartsWith("carbon_black: 2 indicator(s) were offered and the feed is empty. It has no place for these kinds: Url 2.", StringComparison.Ordinal));
        installation.Set("integration_carbon_black", "dns_from_url", "True").Save(installation.Position);
        await installation.RunAsync();
        Assert.Equal("""{"dns":["a.example"]}""", Reports(installation)["1_Major"]["iocs"]!.ToJsonString());
    }

    [Fact]
    public async Task Excluded_hashes_are_left_out_and_an_empty_report_with_them()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(1).File("0cc175b9c0f1b6a831c399e269772661", "a").File("92eb5ffee6ae2fec3ad71c777531578f", "b"));
        simulator.Publish(Threat(2).File("0cc175b9c0f1b6a831c399e269772661", "a"));
        using var installation = new Installation(simulator).Feed("carbon_black", "cb_feed", "cb.json")
            .Set("integration_carbon_black", "excluded_md5", "[\"0CC175B9C0F1B6A831C399E269772661\"]").Save();

        await installation.RunAsync();

        Assert.Equal(["1_Major"], Reports(installation).Keys);
        Assert.Equal("""{"md5":["92eb5ffee6ae2fec3ad71c777531578f"]}""", Reports(installation)["1_Major"]["iocs"]!.ToJsonString());
    }

    [Fact]
    public async Task A_value_that_Carbon_Black_refuses_costs_itself_alone_and_is_counted()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(1).Domain("good.example").IPv4("198.51.100.7"));
        using var installation = new Installation(simulator).Feed("carbon_black", "cb_feed", "cb.json").Set("integration_carbon_black", "dns_from_url", "True").Save();
        await installation.RunAsync();
        var without = Read(installation, "cb.json");
        simulator.Publish(Threat(1).Domain("good.example").IPv4("198.51.100.7").Domain("*.wild.example").Domain("_dmarc.under.example")
            .Url("http://under_score.example/x"));

        var summary = await installation.RunAsync();

        Assert.Equal(without, Read(installation, "cb.json"));
        CarbonBlackRules.Check(Read(installation, "cb.json"));
        var kinds = summary.Destinations.Single(destination => destination.Id == "carbon_black").Kinds;
        Assert.Equal(
            (3L, 1L, 2L, 1L, 0L, 1L),
            (Of(IndicatorKind.Domain).Offered, Of(IndicatorKind.Domain).Delivered, Of(IndicatorKind.Domain).LeftOut,
                Of(IndicatorKind.Url).Offered, Of(IndicatorKind.Url).Delivered, Of(IndicatorKind.Url).LeftOut));

        KindCount Of(IndicatorKind kind) => kinds.Single(count => count.Kind == kind);
    }

    [Theory]
    [InlineData("\"timestamp\":", "\"time\":")]
    [InlineData("\"dns\":[\"a.example\"]", "\"dns\":[\"*.a.example\"]")]
    [InlineData("\"ipv4\":[\"198.51.100.7\"]", "\"ipv4\":[\"http://a.example/\"]")]
    public async Task The_check_of_the_feed_notices_what_the_server_would_not_take(string right, string wrong)
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(1).Domain("a.example").IPv4("198.51.100.7"));
        using var installation = new Installation(simulator).Feed("carbon_black", "cb_feed", "cb.json").Save();
        await installation.RunAsync();
        var feed = Read(installation, "cb.json");
        CarbonBlackRules.Check(feed);
        Assert.Contains(right, feed, StringComparison.Ordinal);

        Assert.ThrowsAny<Exception>(() => CarbonBlackRules.Check(feed.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_reader_that_takes_the_first_lines_only_has_all_of_the_worst_and_the_same_store_gives_the_same_bytes()
    {
        await using var simulator = await StartAsync();
        for (var i = 0; i < 30; i++)
        {
            simulator.Publish(Threat(i, _now - (i * 60_000)).Domain($"d{i:00}.example", i % 3 == 0 ? "Major" : "Moderate")
                .Block("URL", $"http://d{i:00}.example/x", i % 3 == 0 ? "Major" : "Moderate"));
        }

        using var installation = new Installation(simulator).Feed("paloalto_minemeld", "output_dir", "minemeld")
            .Set("integration_paloalto_minemeld", "max_rows", "0").Save();
        await installation.RunAsync();
        string[] files = ["domain.txt", "url.txt"];
        var before = files.Select(name => Read(installation, $"minemeld/{name}")).ToArray();
        foreach (var lines in before.Select(text => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
        {
            Assert.Equal(Enumerable.Range(0, 10).Select(i => $"d{i * 3:00}.example"), lines.Take(10).Select(line => line.Split('/')[0]));
        }

        Directory.Delete(installation.InFolder("minemeld"), recursive: true);
        await installation.RunAsync();
        Assert.Equal(before, files.Select(name => Read(installation, $"minemeld/{name}")));
    }

    [Fact]
    public async Task What_others_wrote_stays_data()
    {
        await using var simulator = await StartAsync();
        var threat = Threat(1).Block("Domain Name", "a.example", "Major", "=cmd|' /C calc'!A1", "Fäm,\"ily\"\nx | =");
        threat["label"] = "Übung\r\n=1+1";
        simulator.Publish(threat);
        using var installation = All(simulator);

        await installation.RunAsync();

        var row = Read(installation, "centripetal/domain.csv").Split('\n')[1];
        Assert.StartsWith("a.example,domain,Major,100,'=cmd|' /C calc'!A1,\"Fäm,\"\"ily\"\" x | =\",m_1,", row, StringComparison.Ordinal);
        Assert.Contains("Fäm,\"ily\" x | =", (string?)Reports(installation)["1_Major"]["title"], StringComparison.Ordinal);
        Assert.Equal("Fäm,\"ily\" x | =", (string?)JsonNode.Parse(Read(installation, "qradar/Hostname.json"))!["a.example"]!["Malware Family"]);
        Assert.All(Snapshot(installation).Keys, name =>
        {
            var bytes = File.ReadAllBytes(installation.InFolder(name));
            Assert.False(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble), name);
            Assert.DoesNotContain((byte)'\r', bytes);
        });
    }

    [Fact]
    public async Task A_list_that_is_cut_keeps_the_worst_and_the_newest_and_says_so()
    {
        await using var simulator = await StartAsync();
        for (var i = 0; i < 10; i++)
        {
            simulator.Publish(Threat(i, _now - (i * 60_000)).Domain($"d{i}.example", i % 2 == 0 ? "Moderate" : "Major"));
        }

        using var installation = new Installation(simulator).Feed("paloalto_minemeld", "output_dir", "minemeld").Set("integration_paloalto_minemeld", "max_rows", "6").Save();

        var summary = await installation.RunAsync();

        Assert.Equal("d1.example\nd3.example\nd5.example\nd7.example\nd9.example\nd0.example\n", Read(installation, "minemeld/domain.txt"));
        Assert.Contains(summary.Warnings, warning => warning.Contains("domain.txt is cut to 6 of 10 rows", StringComparison.Ordinal));
        Assert.Equal(11, Read(installation, "minemeld/indicators.csv").Count(character => character == '\n'));
    }

    [Fact]
    public async Task Lists_for_PAN_OS_keep_its_rules()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(1).Url("http://bad.example").Url("https://bad.example/").Url("https://bad.example?x=1").Url("http://b.example/a b#part")
            .Url("http://long.example/" + new string('x', 250)).Domain("plain.example").IPv4("203.0.113.9"));
        using var installation = new Installation(simulator).Feed("paloalto_minemeld", "output_dir", "minemeld").Save();

        var summary = await installation.RunAsync();

        var urls = Read(installation, "minemeld/url.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["b.example/a%20b", "bad.example/", "bad.example/?x=1"], urls);
        Assert.True(new EdlReader(urls).Blocks("bad.example/page"));
        Assert.False(new EdlReader(urls).Blocks("bad.example.org/page"));
        Assert.Equal("plain.example\n", Read(installation, "minemeld/domain.txt"));
        Assert.Contains(summary.Warnings, warning => warning.Contains("url.txt: 1 row(s) are too long", StringComparison.Ordinal));
        Assert.Contains("http://bad.example,URL", Read(installation, "minemeld/indicators.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_date_in_the_future_is_not_the_newest_for_good()
    {
        await using var simulator = await StartAsync();
        var ahead = new DateTimeOffset(2083, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        simulator.Publish(Threat(1, ahead).Domain("a.example"));
        using var installation = new Installation(simulator).Feed("carbon_black", "cb_feed", "cb.json").Save();

        await installation.RunAsync();

        Assert.InRange((long)Reports(installation)["1_Major"]["timestamp"]!, _now / 1000, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
    }

    [Fact]
    public async Task What_is_older_than_the_retention_leaves_by_itself()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(1, _now - (80L * 86_400_000)).Domain("old.example"));
        simulator.Publish(Threat(2).Domain("new.example"));
        using var installation = All(simulator);
        await installation.RunAsync();
        Assert.Equal("new.example\nold.example\n", Read(installation, "lr/phishme_intelligence_domainname_major.txt"));
        Assert.Equal(["2_Major"], Reports(installation).Keys); // 30 days by default.

        await installation.RunAsync(clock: new Network.ManualTime(DateTimeOffset.UtcNow.AddDays(11)));

        Assert.Equal("new.example\n", Read(installation, "lr/phishme_intelligence_domainname_major.txt"));
    }

    [Fact]
    public async Task One_feed_that_cannot_be_written_stops_no_other_and_is_written_by_the_next_run()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(1).Domain("a.example"));
        using var installation = All(simulator);
        Directory.CreateDirectory(installation.InFolder("centripetal/domain.csv"));

        var failed = await installation.RunAsync();

        Assert.Equal((ExitCode.OutputFailed, "OutputFailed"), (failed.ExitCode, failed.Fault?.Kind.Id));
        Assert.Equal(simulator.CurrentPosition, installation.Position);
        Assert.Equal("a.example\n", Read(installation, "minemeld/domain.txt"));
        Assert.DoesNotContain(Directory.EnumerateFiles(installation.InFolder("centripetal"), "*", SearchOption.AllDirectories), path => path.Contains("partial", StringComparison.Ordinal));
        Directory.Delete(installation.InFolder("centripetal/domain.csv"));
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Contains("a.example", Read(installation, "centripetal/domain.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_to_its_end_leaves_the_old_files()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(1).Domain("a.example"));
        simulator.Publish(Threat(2).Domain("b.example"));
        using var installation = All(simulator);
        await installation.RunAsync();
        var before = Snapshot(installation);
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={installation.StatePath};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE stored_json SET json = x'05000000ffff' WHERE threat = 2";
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        simulator.Publish(Threat(3).Domain("c.example"));
        var failed = await installation.RunAsync();

        Assert.Equal(("StoreDamaged", true), (failed.Fault?.Kind.Id, failed.Fault?.Message.Contains("stay as they are", StringComparison.Ordinal)));
        Assert.Equal(before, Snapshot(installation));
    }

    [Fact]
    public async Task A_list_that_loses_most_of_its_rows_at_once_is_published_with_both_numbers()
    {
        await using var simulator = await StartAsync();
        var large = Threat(1);
        for (var i = 0; i < 30; i++)
        {
            large.Domain($"d{i}.example");
        }

        simulator.Publish(large);
        simulator.Publish(Threat(2).Domain("left.example"));
        using var installation = All(simulator);
        await installation.RunAsync();
        simulator.Withdraw("m_1");

        var summary = await installation.RunAsync();

        Assert.Equal("left.example\n", Read(installation, "minemeld/domain.txt"));
        Assert.Contains(summary.Warnings, warning => warning.Contains("domain.txt had 31 rows and has 1 now", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_that_was_killed_while_it_wrote_a_feed_leaves_the_old_one_and_the_next_run_cleans_up()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(1).Domain("a.example"));
        using var installation = All(simulator);
        await installation.RunAsync();
        var leftover = installation.InFolder("minemeld/.domain.txt.0123.phishme-partial");
        File.WriteAllText(leftover, "half");
        simulator.Publish(Threat(2).Domain("b.example"));

        await installation.RunAsync();

        Assert.False(File.Exists(leftover));
        Assert.Equal("a.example\nb.example\n", Read(installation, "minemeld/domain.txt"));
    }

    [Fact]
    public async Task LogRhythm_and_QRadar_append_as_the_original_does()
    {
        await using var simulator = await StartAsync();
        simulator.Publish(Threat(1).Domain("b.example").Domain("a.example"));
        using var installation = new Installation(simulator)
            .Feed("logrhythm", "output_dir", "lr").Set("integration_logrhythm", "append", "True")
            .Feed("qradar_siem", "json_output_dir", "qradar").Save();
        await installation.RunAsync();
        await installation.RunAsync();
        simulator.Publish(Threat(1).Domain("a.example").Domain("c.example"));

        var summary = await installation.RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Equal("b.example\na.example\na.example\nc.example\n", Read(installation, "lr/phishme_intelligence_domainname_major.txt"));
        Assert.Equal(
            ["b.example", "a.example", "a.example", "c.example"],
            Read(installation, "qradar/Hostname.json").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject().Single().Key));
    }

    [Fact]
    public async Task A_list_that_changed_is_moved_whole_to_the_folder_of_the_importer_also_on_another_file_system()
    {
        var other = Directory.Exists("/dev/shm") ? Directory.CreateTempSubdirectory().FullName.Replace(Path.GetTempPath(), "/dev/shm/", StringComparison.Ordinal) : Directory.CreateTempSubdirectory().FullName;
        Directory.CreateDirectory(other);
        try
        {
            await using var simulator = await StartAsync();
            simulator.Publish(Threat(1).Domain("a.example"));
            using var installation = new Installation(simulator).Feed("logrhythm", "output_dir", "lr").Set("integration_logrhythm", "import_dir", other).Save();
            await installation.RunAsync();
            var list = Path.Combine(other, "phishme_intelligence_domainname_major.txt");
            Assert.Equal("a.example\n", File.ReadAllText(list));
            foreach (var path in Directory.GetFiles(other))
            {
                File.Delete(path); // As the importer does.
            }

            await installation.RunAsync();
            Assert.Empty(Directory.GetFiles(other));
            simulator.Publish(Threat(2).Domain("b.example"));
            await installation.RunAsync();

            Assert.Equal([list], Directory.GetFiles(other));
            Assert.Equal("a.example\nb.example\n", File.ReadAllText(list));
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    [Fact]
    public void Files_of_the_original_are_understood_without_the_store_being_named()
    {
        using var folder = new Configuration.ConfigurationFolder();

        var reading = folder.Read($"""
            {Configuration.ConfigurationFolder.Minimum}
            [integration_carbon_black]
            use = True
            check_config = True
            ssl_verify = False
            host_with_protocol = https://cb.example
            api_token = {new string('t', 40)}
            feed_name = PhishMeIntelligence
            feed_id = 34
            sqlite_location = /tmp/cb.db
            sqlite_data_retention_days = 30
            cb_feed = {folder["cb.json"]}
            impact_major = 100
            impact_moderate = 75
            impact_minor = 35
            impact_none = 0
            excluded_md5_use = True
            excluded_md5 = []

            [integration_logrhythm]
            use = True
            check_config = True
            output_dir = {folder["lr"]}

            [integration_qradar_siem]
            use = True
            json_output_dir = {folder["qradar"]}/
            """);

        Assert.Empty(reading.Findings);
        Assert.True(reading.Settings!.State.KeepThreats);
        Assert.Equal(["carbon_black", "logrhythm", "qradar_siem"], reading.Settings.ActiveOutputs.Except(["raw_json"]));
    }

    [Fact]
    public async Task A_check_says_of_each_destination_whether_its_folder_can_be_written_to()
    {
        await using var simulator = await StartAsync();
        using var installation = All(simulator).Set("integration_logrhythm", "append", "True").Save();
        var engine = new EngineFactory().Create(new EngineOptions { Version = "1.0.0" });

        var checks = new List<CheckResult>();
        await foreach (var check in engine.CheckAsync(installation.ConfigurationPath, Stop))
        {
            checks.Add(check);
        }

        Assert.All(
            (string[])["carbon_black", "logrhythm", "centripetal_networks", "paloalto_minemeld", "qradar_siem"],
            name => Assert.Equal(CheckOutcome.Pass, Assert.Single(checks, check => check.Subject == $"[integration_{name}]").Outcome));
    }

    private static Task<ThreatHqSimulator> StartAsync() => ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);

    private static JsonObject Threat(long id, long? last = null) => ThreatBuilder.Malware(id, last ?? _now);

    private static JsonObject Phish(long id, string url)
    {
        var phish = ThreatBuilder.Phish(id, url);
        phish["firstDate"] = _now - 1000;
        phish["lastDate"] = _now;
        return phish;
    }

    private static Installation All(ThreatHqSimulator simulator) => new Installation(simulator)
        .Feed("carbon_black", "cb_feed", "cb.json")
        .Feed("logrhythm", "output_dir", "lr")
        .Feed("centripetal_networks", "output_dir", "centripetal")
        .Feed("paloalto_minemeld", "output_dir", "minemeld")
        .Feed("qradar_siem", "json_output_dir", "qradar").Set("integration_qradar_siem", "append", "False")
        .Save();

    private static string Read(Installation installation, string name) => File.ReadAllText(installation.InFolder(name));

    private static string Lines(Installation installation, string name, Func<string, bool> which) =>
        string.Concat(Read(installation, name).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(which).Select(line => line + "\n"));

    private static Dictionary<string, JsonNode> Reports(Installation installation)
    {
        var feed = Read(installation, "cb.json");
        CarbonBlackRules.Check(feed);
        return JsonNode.Parse(feed)!["reports"]!.AsArray().ToDictionary(report => (string)report!["id"]!, report => report!.DeepClone());
    }

    /// <summary>Every feed file with its time and length.</summary>
    private static SortedDictionary<string, (DateTime, long)> Snapshot(Installation installation)
    {
        var files = new SortedDictionary<string, (DateTime, long)>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(installation.Folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(installation.Folder, path).Replace('\\', '/');
            if (!name.StartsWith("config", StringComparison.Ordinal))
            {
                files.Add(name, (File.GetLastWriteTimeUtc(path), new FileInfo(path).Length));
            }
        }

        return files;
    }

    /// <summary>A firewall that reads an entry without a slash at its end as a prefix.</summary>
    private sealed class EdlReader(string[] entries)
    {
        public bool Blocks(string url) => Array.Exists(
            entries, entry => entry.EndsWith('/') ? url.StartsWith(entry, StringComparison.Ordinal) : url.StartsWith(entry, StringComparison.Ordinal));
    }
}
