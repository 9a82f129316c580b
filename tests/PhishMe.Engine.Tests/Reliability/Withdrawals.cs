using System.Text;
using System.Text.Json.Nodes;
using PhishMe.Intelligence;
using PhishMe.Torture;

namespace PhishMe.Engine.Tests.Reliability;

/// <summary>Invariant 4: what was taken back goes, is announced once on each stream, and is marked.</summary>
public sealed class Withdrawals
{
    [Theory]
    [InlineData("standard", true)]
    [InlineData("standard", false)]
    [InlineData("legacy", true)]
    public async Task A_withdrawn_threat_leaves_every_folder_is_announced_once_on_each_stream_and_marked(string layout, bool splitByDate)
    {
        await using var world = await World.StartAsync(41, 14, DateTimeOffset.UtcNow);
        using var site = await UpToDateAsync(world, options => options with { Layout = layout, SplitByDate = splitByDate });
        var id = world.Ids().First(candidate => candidate[0] == 'm' && !world.Ids().Contains("p" + candidate[1..]));
        var name = layout == "legacy" ? id[2..] : id;
        Assert.Equal(3, Directory.EnumerateFiles(site.Folder, name + ".*", SearchOption.AllDirectories).Count());
        var stix = File.ReadAllBytes(site["all.stix"]);

        world.Simulator.Withdraw(id);
        var summary = await RunAsync(site);
        await RunAsync(site);

        Assert.Equal(1, summary.Withdrawn);
        Assert.Empty(Directory.EnumerateFiles(site.Folder, name + ".*", SearchOption.AllDirectories));
        Assert.Single(Announcements(site, id, "json"));
        var line = Assert.Single(Announcements(site, id, "cef"));
        Assert.StartsWith("CEF:0|PhishMe|Intelligence|1.0|threat_withdrawn|Threat Withdrawn|0|", line, StringComparison.Ordinal);
        Assert.Contains("deviceCustomDate1Label=First Published", line, StringComparison.Ordinal);
        Assert.Equal(stix, File.ReadAllBytes(site["all.stix"]));
        Assert.Contains(site.Recorded(), row => row.StartsWith($"threat {(int)ThreatType.Malware} {id[2..]} ", StringComparison.Ordinal) && row.EndsWith(" 0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_the_state_knows_nothing_of_goes_too_wherever_it_lies()
    {
        await using var world = await World.StartAsync(42, 14, DateTimeOffset.UtcNow);
        using var site = await UpToDateAsync(world);
        var id = world.Ids()[0];
        File.Delete(site.StatePath);
        foreach (var format in site.Options.Formats)
        {
            var old = Directory.CreateDirectory(Path.Combine(site[format], "2011-03-04")).FullName;
            foreach (var path in Directory.EnumerateFiles(site[format], id + ".*", SearchOption.AllDirectories).ToList())
            {
                File.Move(path, Path.Combine(old, Path.GetFileName(path)));
            }
        }

        world.Simulator.Withdraw(id);
        await RunAsync(site);

        Assert.Empty(Directory.EnumerateFiles(site.Folder, id + ".*", SearchOption.AllDirectories));
        Assert.Single(Announcements(site, id, "json"));
        Assert.Single(Announcements(site, id, "cef"));
    }

    [Fact]
    public async Task A_threat_that_comes_back_is_published_again_and_can_be_withdrawn_again()
    {
        await using var world = await World.StartAsync(43, 14, DateTimeOffset.UtcNow);
        using var site = await UpToDateAsync(world);
        var id = world.Ids()[1];
        world.Simulator.Withdraw(id);
        await RunAsync(site);
        world.Simulator.Restore(id);
        await RunAsync(site);
        Assert.Equal([], Completeness.Of(site));

        world.Simulator.Withdraw(id);
        await RunAsync(site);
        Assert.Equal([], Completeness.Of(site));
        Assert.Equal(2, Announcements(site, id, "json").Length);
        Assert.Equal(2, Announcements(site, id, "cef").Length);
    }

    [Fact]
    public async Task A_withdrawal_the_changelog_tells_again_is_not_announced_again()
    {
        await using var world = await World.StartAsync(46, 14, DateTimeOffset.UtcNow);
        using var site = await UpToDateAsync(world);
        var before = site.Position;
        var id = world.Ids()[2];
        world.Simulator.Withdraw(id);
        await RunAsync(site);

        site.Edit("position", before);
        var again = await RunAsync(site);

        Assert.Equal(1, again.Withdrawn);
        Assert.Single(Announcements(site, id, "json"));
        Assert.Single(Announcements(site, id, "cef"));
    }

    [Fact]
    public async Task A_threat_that_gets_another_date_leaves_the_folder_of_the_old_one()
    {
        await using var world = await World.StartAsync(47, 14, DateTimeOffset.UtcNow);
        using var site = await UpToDateAsync(world);
        var id = world.Ids().First(candidate => candidate[0] == 'm');
        var document = JsonNode.Parse(world.Simulator.Json(id).Span)!.AsObject();
        document["firstPublished"] = DateTimeOffset.Parse("2024-05-06T07:08:09Z", null).ToUnixTimeMilliseconds();
        world.Simulator.Publish(document);
        await RunAsync(site);

        foreach (var format in site.Options.Formats)
        {
            Assert.Equal("2024-05-06", Path.GetFileName(Path.GetDirectoryName(Assert.Single(Directory.EnumerateFiles(site[format], id + ".*", SearchOption.AllDirectories)))));
        }
    }

    [Fact]
    public async Task An_indicator_that_leaves_a_threat_or_drops_in_impact_is_part_of_its_next_update()
    {
        await using var world = await World.StartAsync(44, 14, DateTimeOffset.UtcNow);
        using var site = await UpToDateAsync(world);
        var id = world.Ids().First(candidate => candidate[0] == 'm' && Blocks(world, candidate).Count > 1);
        var document = JsonNode.Parse(world.Simulator.Json(id).Span)!;
        var blocks = (JsonArray)document["blockSet"]!;
        blocks[0]!["impact"] = "None";
        blocks.RemoveAt(1);

        world.Simulator.Publish(document.AsObject());
        await RunAsync(site);

        var path = Assert.Single(Directory.EnumerateFiles(site["json"], id + ".json", SearchOption.AllDirectories));
        var written = (JsonArray)JsonNode.Parse(File.ReadAllText(path))!["blockSet"]!;
        Assert.Equal(("None", blocks.Count), (written[0]!["impact"]!.GetValue<string>(), written.Count));
        Assert.Equal([], Completeness.Of(site));
    }

    [Fact]
    public async Task In_the_legacy_layout_a_withdrawal_leaves_the_file_of_a_namesake_of_the_other_product_alone()
    {
        await using var world = await World.StartAsync(45, 24, DateTimeOffset.UtcNow);
        using var site = await UpToDateAsync(world, options => options with { Layout = "legacy", SplitByDate = false, Formats = ["cef"] });
        var number = world.Ids().Select(id => id[2..]).GroupBy(id => id).First(ids => ids.Count() == 2).Key;
        world.Simulator.Republish("p_" + number);
        await RunAsync(site);

        world.Simulator.Withdraw("m_" + number);
        await RunAsync(site);

        Assert.Equal(world.Simulator.Cef("p_" + number) + "\n", File.ReadAllText(Path.Combine(site["cef"], number + ".cef"), Encoding.UTF8));
        Assert.Single(Announcements(site, "m_" + number, "cef"));
    }

    private static JsonArray Blocks(World world, string id) => (JsonArray)JsonNode.Parse(world.Simulator.Json(id).Span)!["blockSet"]!;

    private static string[] Announcements(Site site, string id, string format) =>
    [
        .. File.ReadLines(site["all." + format]).Where(line => format == "json"
            ? line == $$"""{"id":{{id[2..]}},"threatType":"{{(id[0] == 'm' ? "MALWARE" : "PHISH")}}","deleted":true}"""
            : line.Contains("|threat_withdrawn|", StringComparison.Ordinal) && (line + " ").Contains($"externalId={id[2..]} ", StringComparison.Ordinal)),
    ];

    private static async Task<Site> UpToDateAsync(World world, Func<SiteOptions, SiteOptions>? options = null)
    {
        var wanted = new SiteOptions { InitialDate = world.InitialDate };
        var site = new Site(world.Simulator, options is null ? wanted : options(wanted));
        Assert.Equal(ExitCode.Done, (await site.RunUntilCurrentAsync(TestContext.Current.CancellationToken)).ExitCode);
        return site;
    }

    private static async Task<RunSummary> RunAsync(Site site)
    {
        var summary = await site.RunAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((ExitCode.Done, null), (summary.ExitCode, summary.Fault));
        return summary;
    }
}
