using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>
/// Absence is an instruction to the reader of a list: a store that lacks threats of earlier runs must not take them out of it. The store is lost here with its
/// whole state file, and the position stands in config.ini.
/// </summary>
[Trait("Case", "T21")]
[Trait("Case", "T22")]
public sealed class FeedStoreInPartTests : IAsyncLifetime
{
    private ThreatHqSimulator _simulator = null!;
    private Installation _installation = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);
        PublishFour(10);
        _installation = new Installation(_simulator)
            .Feed("carbon_black", "cb_feed", "cb.json")
            .Feed("logrhythm", "output_dir", "lr")
            .Feed("paloalto_minemeld", "output_dir", "minemeld").Save();
        Assert.Equal(ExitCode.Done, (await _installation.RunAsync()).ExitCode);
        Assert.Equal(40, Domains());
        LoseState();
    }

    public async ValueTask DisposeAsync()
    {
        _installation.Dispose();
        await _simulator.DisposeAsync();
    }

    [Fact]
    public async Task A_lost_store_empties_no_list_until_a_new_backfill_has_filled_it()
    {
        Publish(5, 40, 3);
        var before = Contents();

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var kept = await _installation.RunAsync();

            Assert.Equal(ExitCode.Done, kept.ExitCode);
            Assert.Equal(before, Contents());
            Assert.Contains(kept.Warnings, warning => warning.Contains("domain.txt had 40 rows and would have 3 now", StringComparison.Ordinal));
            Assert.Contains(kept.Warnings, warning => warning.StartsWith("paloalto_minemeld: Its files stay as they were, because the store lacks threats of earlier runs", StringComparison.Ordinal));
        }

        _installation.Save(string.Empty);
        var filled = await _installation.RunAsync();

        Assert.Equal((ExitCode.Done, 43), (filled.ExitCode, Domains()));
        Assert.DoesNotContain(filled.Warnings, warning => warning.Contains("stay as they were", StringComparison.Ordinal));

        // A loss that is real is passed on, with both numbers.
        WithdrawFour();
        var real = await _installation.RunAsync();
        Assert.Equal(3, Domains());
        Assert.Contains(real.Warnings, warning => warning.Contains("domain.txt had 43 rows and has 3 now", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_threat_that_was_withdrawn_meanwhile_is_gone_after_the_new_backfill()
    {
        await _installation.RunAsync();
        WithdrawFour();
        Publish(5, 40, 3);
        await _installation.RunAsync();
        Assert.Equal(40, Domains());

        _installation.Save(string.Empty);
        Assert.Equal(ExitCode.Done, (await _installation.RunAsync()).ExitCode);

        Assert.Equal(3, Domains());
    }

    [Fact]
    public async Task Files_that_someone_deletes_are_made_of_what_there_is()
    {
        Publish(5, 40, 3);
        await _installation.RunAsync();
        Array.ForEach(Files(), File.Delete);

        Assert.Equal(ExitCode.Done, (await _installation.RunAsync()).ExitCode);

        Assert.Equal(3, Domains());
    }

    [Fact]
    public async Task A_small_loss_is_passed_on()
    {
        PublishFour(9);

        Assert.Equal(ExitCode.Done, (await _installation.RunAsync()).ExitCode);

        Assert.Equal(36, Domains());
    }

    private void PublishFour(int domains)
    {
        for (var threat = 0; threat < 4; threat++)
        {
            Publish(threat + 1, 10 * threat, domains);
        }
    }

    private void WithdrawFour() => Array.ForEach(["m_1", "m_2", "m_3", "m_4"], _simulator.Withdraw);

    private void Publish(long id, int first, int count)
    {
        var threat = ThreatBuilder.Malware(id, DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds() + id);
        for (var domain = first; domain < first + count; domain++)
        {
            threat.Domain(FormattableString.Invariant($"d{domain:000}.example"));
        }

        _simulator.Publish(threat);
    }

    private void LoseState()
    {
        foreach (var path in Directory.GetFiles(_installation.Folder, Path.GetFileName(_installation.StatePath) + "*"))
        {
            File.Delete(path);
        }
    }

    private string[] Files() =>
        [_installation.InFolder("cb.json"), .. Directory.GetFiles(_installation.InFolder("lr")), .. Directory.GetFiles(_installation.InFolder("minemeld"))];

    private Dictionary<string, string> Contents() => Files().ToDictionary(path => path, File.ReadAllText);

    private int Domains() => File.ReadLines(_installation.InFolder("minemeld/domain.txt")).Count();
}
