using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Files;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Destinations.Files;

/// <summary>Where the file of a threat is, and what becomes of the old one.</summary>
public sealed class ThreatFilesTests : IDisposable
{
    private static readonly long _day = new DateTimeOffset(2026, 3, 1, 23, 30, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
    private static readonly long _dayLater = _day + 86_400_000;
    private static readonly ThreatId _malware = new(ThreatType.Malware, 7);
    private static readonly ThreatId _phish = new(ThreatType.Phish, 7);

    private readonly string _folder = Directory.CreateTempSubdirectory("phishme-files-").FullName;

    [Theory]
    [InlineData(true, false, "2026-03-01/m_7.json")]
    [InlineData(false, false, "m_7.json")]
    [InlineData(true, true, "2026-03-02/7.json")] // The date of the local zone, one hour ahead.
    [InlineData(false, true, "7.json")]
    public async Task A_file_is_named_for_its_threat_and_lies_under_the_day_of_its_first_publication(bool splitByDate, bool legacy, string expected)
    {
        using var files = Files(splitByDate, legacy);

        await PlaceAsync(files, (_malware, _day, default, "new"));

        Assert.Equal([expected], All());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    [InlineData(long.MaxValue)]
    public async Task A_threat_without_a_usable_date_has_a_folder_too(long? firstPublished)
    {
        using var files = Files();

        await PlaceAsync(files, (_malware, firstPublished, default, "new"));

        Assert.Equal(["undated/m_7.json"], All());
    }

    [Fact]
    public async Task A_date_that_changed_moves_the_file()
    {
        using var files = Files();
        await PlaceAsync(files, (_malware, _day, default, "old"));

        await PlaceAsync(files, (_malware, _dayLater, new PreviousDate(true, _day), "new"));

        Assert.Equal(["2026-03-02/m_7.json"], All());
        Assert.Equal("new", File.ReadAllText(Path.Combine(_folder, "2026-03-02", "m_7.json")));
    }

    [Fact]
    public async Task An_earlier_date_that_no_one_recorded_is_left_alone()
    {
        using var files = Files();
        await PlaceAsync(files, (_malware, _day, default, "old"));

        await PlaceAsync(files, (_malware, _dayLater, default, "new"));

        Assert.Equal(["2026-03-01/m_7.json", "2026-03-02/m_7.json"], All());
    }

    [Fact]
    public async Task A_threat_without_content_in_the_format_has_no_file()
    {
        using var files = Files();
        await PlaceAsync(files, (_malware, _day, default, "old"), (_phish, _day, default, "stays"));

        await PlaceAsync(files, (_malware, _day, new PreviousDate(true, _day), string.Empty));

        Assert.Equal(["2026-03-01/p_7.json"], All());
    }

    [Fact]
    public async Task A_withdrawn_threat_is_found_under_its_date_and_under_every_other()
    {
        using var files = Files();
        await PlaceAsync(files, (_malware, _day, default, "one"), (_phish, _day, default, "two"));

        Assert.True(files.Remove(_malware, _day));
        Assert.False(files.Remove(_malware, _day));
        Assert.True(files.Remove(_phish, firstPublished: null));

        Assert.Empty(All());
    }

    [Fact]
    public async Task What_was_begun_and_not_placed_is_no_file_and_goes_with_the_leftovers()
    {
        using var files = Files();
        await files.Begin([(_malware, _day, Encoding.UTF8.GetBytes("never placed"))]).Written;
        Assert.Contains(All(), name => name.StartsWith(ThreatFiles.PartialFolder, StringComparison.Ordinal));

        Assert.Null(files.RemovePartial());

        Assert.Empty(All());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task PlaceAsync(ThreatFiles files, params (ThreatId Id, long? FirstPublished, PreviousDate Previous, string Content)[] threats)
    {
        var begun = files.Begin(threats.Select(threat => (threat.Id, threat.FirstPublished, (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(threat.Content))));
        await files.PlaceAsync(
            [.. threats.Select(threat => new ThreatFileContent(threat.Id, threat.FirstPublished, threat.Previous, threat.Content.Length == 0))], begun);
    }

    private ThreatFiles Files(bool splitByDate = true, bool legacy = false) => new(
        new OutputSettings
        {
            Section = "integration_raw_json",
            Format = OutputFormat.Json,
            Folder = _folder,
            SplitByDate = splitByDate,
            Layout = legacy ? OutputLayout.Legacy : OutputLayout.Standard,
        },
        TimeZoneInfo.CreateCustomTimeZone("one hour ahead", TimeSpan.FromHours(1), null, null),
        step: null);

    private string[] All() =>
        [.. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder, path).Replace('\\', '/')).Order(StringComparer.Ordinal)];
}
