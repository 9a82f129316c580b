using System.Text;
using System.Text.Json.Nodes;
using PhishMe.Intelligence;
using PhishMe.Simulator;
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
        await using var script = await ThreatScript.StartAsync(41, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script, options => options with { Layout = layout, SplitByDate = splitByDate });
        var id = script.Ids().First(candidate => candidate[0] == 'm' && !script.Ids().Contains("p" + candidate[1..]));
        var name = layout == "legacy" ? id[2..] : id;
        Assert.Equal(3, Directory.EnumerateFiles(installation.Folder, name + ".*", SearchOption.AllDirectories).Count());
        var stix = File.ReadAllBytes(installation.InFolder("all.stix"));

        script.Simulator.Withdraw(id);
        var summary = await RunAsync(installation);
        await RunAsync(installation);

        Assert.Equal(1, summary.Withdrawn);
        Assert.Empty(Directory.EnumerateFiles(installation.Folder, name + ".*", SearchOption.AllDirectories));
        Assert.Single(Announcements(installation, id, "json"));
        var line = Assert.Single(Announcements(installation, id, "cef"));
        Assert.StartsWith("CEF:0|PhishMe|Intelligence|1.0|threat_withdrawn|Threat Withdrawn|0|", line, StringComparison.Ordinal);
        Assert.Contains("deviceCustomDate1Label=First Published", line, StringComparison.Ordinal);
        Assert.Equal(stix, File.ReadAllBytes(installation.InFolder("all.stix")));
        Assert.Contains(installation.Recorded(), row => row.StartsWith($"threat {(int)ThreatType.Malware} {id[2..]} ", StringComparison.Ordinal) && row.EndsWith(" 0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_the_state_knows_nothing_of_goes_too_wherever_it_lies()
    {
        await using var script = await ThreatScript.StartAsync(42, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script);
        var id = script.Ids()[0];
        File.Delete(installation.StatePath);
        foreach (var format in installation.Options.Formats)
        {
            var old = Directory.CreateDirectory(Path.Combine(installation.InFolder(format), "2011-03-04")).FullName;
            foreach (var path in Directory.EnumerateFiles(installation.InFolder(format), id + ".*", SearchOption.AllDirectories).ToList())
            {
                File.Move(path, Path.Combine(old, Path.GetFileName(path)));
            }
        }

        script.Simulator.Withdraw(id);
        await RunAsync(installation);

        Assert.Empty(Directory.EnumerateFiles(installation.Folder, id + ".*", SearchOption.AllDirectories));
        Assert.Single(Announcements(installation, id, "json"));
        Assert.Single(Announcements(installation, id, "cef"));
    }

    [Fact]
    public async Task A_threat_that_comes_back_is_published_again_and_can_be_withdrawn_again()
    {
        await using var script = await ThreatScript.StartAsync(43, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script);
        var id = script.Ids()[1];
        script.Simulator.Withdraw(id);
        await RunAsync(installation);
        script.Simulator.Restore(id);
        await RunAsync(installation);
        Assert.Equal([], Completeness.Of(installation));

        script.Simulator.Withdraw(id);
        await RunAsync(installation);
        Assert.Equal([], Completeness.Of(installation));
        Assert.Equal(2, Announcements(installation, id, "json").Length);
        Assert.Equal(2, Announcements(installation, id, "cef").Length);
    }

    [Fact]
    public async Task A_withdrawal_the_changelog_tells_again_is_not_announced_again()
    {
        await using var script = await ThreatScript.StartAsync(46, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script);
        var before = installation.Position;
        var id = script.Ids()[2];
        script.Simulator.Withdraw(id);
        await RunAsync(installation);

        installation.Edit("position", before);
        var again = await RunAsync(installation);

        Assert.Equal(1, again.Withdrawn);
        Assert.Single(Announcements(installation, id, "json"));
        Assert.Single(Announcements(installation, id, "cef"));
    }

    [Fact]
    public async Task A_threat_that_gets_another_date_leaves_the_folder_of_the_old_one()
    {
        await using var script = await ThreatScript.StartAsync(47, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script);
        var id = script.Ids().First(candidate => candidate[0] == 'm');
        var document = JsonNode.Parse(script.Simulator.Json(id).Span)!.AsObject();
        document["firstPublished"] = DateTimeOffset.Parse("2024-05-06T07:08:09Z", null).ToUnixTimeMilliseconds();
        script.Simulator.Publish(document);
        await RunAsync(installation);

        foreach (var format in installation.Options.Formats)
        {
            Assert.Equal("2024-05-06", Path.GetFileName(Path.GetDirectoryName(Assert.Single(Directory.EnumerateFiles(installation.InFolder(format), id + ".*", SearchOption.AllDirectories)))));
        }
    }

    [Fact]
    public async Task An_indicator_that_leaves_a_threat_or_drops_in_impact_is_part_of_its_next_update()
    {
        await using var script = await ThreatScript.StartAsync(44, 14, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script);
        var id = script.Ids().First(candidate => candidate[0] == 'm' && Blocks(script, candidate).Count > 1);
        var document = JsonNode.Parse(script.Simulator.Json(id).Span)!;
        var blocks = (JsonArray)document["blockSet"]!;
        blocks[0]!["impact"] = "None";
        blocks.RemoveAt(1);

        script.Simulator.Publish(document.AsObject());
        await RunAsync(installation);

        var path = Assert.Single(Directory.EnumerateFiles(installation.InFolder("json"), id + ".json", SearchOption.AllDirectories));
        var written = (JsonArray)JsonNode.Parse(File.ReadAllText(path))!["blockSet"]!;
        Assert.Equal(("None", blocks.Count), (written[0]!["impact"]!.GetValue<string>(), written.Count));
        Assert.Equal([], Completeness.Of(installation));
    }

    [Fact]
    public async Task In_the_legacy_layout_a_withdrawal_leaves_the_file_of_a_namesake_of_the_other_product_alone()
    {
        await using var script = await ThreatScript.StartAsync(45, 24, DateTimeOffset.UtcNow);
        using var installation = await UpToDateAsync(script, options => options with { Layout = "legacy", SplitByDate = false, Formats = ["cef"] });
        var number = script.Ids().Select(id => id[2..]).GroupBy(id => id).First(ids => ids.Count() == 2).Key;
        script.Simulator.Republish("p_" + number);
        await RunAsync(installation);

        script.Simulator.Withdraw("m_" + number);
        await RunAsync(installation);

        Assert.Equal(DeliveredCef.Of(script.Simulator.Cef("p_" + number)) + "\n", File.ReadAllText(Path.Combine(installation.InFolder("cef"), number + ".cef"), Encoding.UTF8));
        Assert.Single(Announcements(installation, "m_" + number, "cef"));
    }

    private static JsonArray Blocks(ThreatScript script, string id) => (JsonArray)JsonNode.Parse(script.Simulator.Json(id).Span)!["blockSet"]!;

    private static string[] Announcements(TortureInstallation installation, string id, string format) =>
    [
        .. File.ReadLines(installation.InFolder("all." + format)).Where(line => format == "json"
            ? line == $$"""{"id":{{id[2..]}},"threatType":"{{(id[0] == 'm' ? "MALWARE" : "PHISH")}}","deleted":true}"""
            : line.Contains("|threat_withdrawn|", StringComparison.Ordinal) && (line + " ").Contains($"externalId={id[2..]} ", StringComparison.Ordinal)),
    ];

    private static async Task<TortureInstallation> UpToDateAsync(ThreatScript script, Func<InstallationOptions, InstallationOptions>? options = null)
    {
        var wanted = new InstallationOptions { InitialDate = script.InitialDate };
        var installation = new TortureInstallation(script.Simulator, options is null ? wanted : options(wanted));
        Assert.Equal(ExitCode.Done, (await installation.RunUntilCurrentAsync(TestContext.Current.CancellationToken)).ExitCode);
        return installation;
    }

    private static async Task<RunSummary> RunAsync(TortureInstallation installation)
    {
        var summary = await installation.RunAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((ExitCode.Done, null), (summary.ExitCode, summary.Fault));
        return summary;
    }
}
