using PhishMe.Engine.Files;
using PhishMe.Engine.Tests.Network;

namespace PhishMe.Engine.Tests.Files;

/// <summary>Changes of files that others hold are tried again for a while, and stop no other change.</summary>
public sealed class PatientFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("phishme-test-").FullName;
    private readonly ManualTime _clock = new(DateTimeOffset.UtcNow);
    private readonly HeldFileCalls _calls = new();

    private PatientFiles Files => new(_clock, _calls);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_that_is_released_in_time_is_replaced()
    {
        var (from, to) = (Make("new", "2"), Make("old", "1"));
        _calls.Hold("old", times: 3);

        Files.Rename(from, to);

        Assert.Equal("2", File.ReadAllText(to));
        Assert.InRange(_clock.Elapsed, TimeSpan.FromMilliseconds(1), PatientFiles.Patience);
    }

    [Fact]
    public void One_that_stays_held_stops_no_other_and_says_who_has_it()
    {
        var changes = new[] { "a", "b", "c" }.Select(name => new FileChange(Make(name + ".new", "2"), Make(name, "1"))).ToList();
        _calls.Hold("/b");

        var held = Assert.Single(Files.Apply([.. changes, new FileChange(null, Make("d", "1"))]));

        Assert.Equal(changes[1], held.Change);
        Assert.Contains("used by another process", held.ToString(), StringComparison.Ordinal);
        Assert.Contains("reader (process 42)", held.ToString(), StringComparison.Ordinal);
        Assert.Equal(["2", "1", "2"], changes.Select(change => File.ReadAllText(change.To)));
        Assert.False(File.Exists(Path.Combine(_folder, "d")));
        Assert.True(_clock.Elapsed >= PatientFiles.Patience - TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public void Files_that_are_held_for_good_do_not_slow_every_call()
    {
        var files = Files;
        _calls.Hold("/b");
        var change = new FileChange(null, Make("b", "1"));

        for (var i = 0; i < 1000; i++)
        {
            Assert.Single(files.Apply([change]));
        }

        Assert.True(_clock.Elapsed <= PatientFiles.PatienceInAll * 1.25, $"waited {_clock.Elapsed}");
    }

    [Fact]
    public void Another_error_is_thrown_at_once()
    {
        Assert.Throws<FileNotFoundException>(() => Files.Rename(Path.Combine(_folder, "missing"), Path.Combine(_folder, "to")));
        Assert.Equal(TimeSpan.Zero, _clock.Elapsed);
    }

    [Fact]
    public void A_read_that_is_refused_is_tried_again_too()
    {
        var tries = 0;

        Assert.Equal(3, Files.Do(Make("a", "1"), () => ++tries < 3 ? throw Held() : tries));
        Assert.Throws<HeldFileException>(() => Files.Do<int>(Path.Combine(_folder, "a"), () => throw Held()));
    }

    private static IOException Held() => new("in use", unchecked((int)0x8007_0020));

    private string Make(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
