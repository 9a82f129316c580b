using PhishMe.Engine.Configuration;
using PhishMe.Engine.Files;
using PhishMe.Engine.Tests.Network;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Files;

/// <summary>A config.ini that is being replaced cannot vanish.</summary>
public sealed class HeldConfigurationTests : IDisposable
{
    private const string Text = "[pm_api]\nposition = old\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("phishme-test-").FullName;
    private readonly HeldFileCalls _calls = new();

    private string FilePath => Path.Combine(_folder, "config.ini");

    private string Backup => Path.Combine(_folder, ".config.ini.phishme-backup");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_replacement_that_fails_half_way_leaves_the_old_file()
    {
        File.WriteAllText(FilePath, Text);
        _calls.FailsHalfWay = true;

        var exception = Assert.Throws<PhishMeException>(() => Write("new"));

        Assert.Equal(Faults.ConfigurationUnwritable, exception.Fault.Kind);
        Assert.Equal(Text, File.ReadAllText(FilePath));
        Assert.Equal([FilePath], Directory.EnumerateFiles(_folder));
    }

    [Fact]
    public void A_file_that_someone_holds_stays_as_it_is()
    {
        File.WriteAllText(FilePath, Text);
        _calls.Hold("/config.ini");

        Assert.Contains("reader (process 42)", Assert.Throws<PhishMeException>(() => Write("new")).Fault.Message, StringComparison.Ordinal);

        Assert.Equal(Text, File.ReadAllText(FilePath));
        Assert.Equal([FilePath], Directory.EnumerateFiles(_folder));
    }

    [Fact]
    public void One_that_is_released_in_time_is_written()
    {
        File.WriteAllText(FilePath, Text);
        _calls.Hold("/config.ini", times: 2);

        Assert.True(Write("new"));

        Assert.Equal("[pm_api]\nposition = new\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void The_copy_comes_back_when_the_file_is_missing_and_not_otherwise()
    {
        File.WriteAllText(Backup, Text);
        Assert.True(ConfigurationValueWriter.Restore(FilePath));
        Assert.Equal(Text, File.ReadAllText(FilePath));

        File.WriteAllText(Backup, "older");
        Assert.False(ConfigurationValueWriter.Restore(FilePath));
        Assert.Equal(Text, File.ReadAllText(FilePath));

        // It may hold credentials: the next write removes it.
        Write("new");
        Assert.False(File.Exists(Backup));
    }

    private bool Write(string value) =>
        ConfigurationValueWriter.Write(FilePath, "pm_api", "position", value, new PatientFiles(new ManualTime(DateTimeOffset.UtcNow), _calls));
}
