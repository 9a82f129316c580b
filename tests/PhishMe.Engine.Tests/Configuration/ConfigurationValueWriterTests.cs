using System.Runtime.Versioning;
using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Configuration.Ini;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Configuration;

/// <summary>The file is the user's: one value changes, and nothing else.</summary>
public sealed class ConfigurationValueWriterTests : IDisposable
{
    private const string New = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";

    private readonly ConfigurationFolder _folder = new();

    private string Partial => _folder[".config.ini.phishme-partial"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("[pm_api]\nposition = old\nuser = x\n", "[pm_api]\nposition = NEW\nuser = x\n")]
    [InlineData("[pm_api]\r\nposition = old\r\nuser = x\r\n", "[pm_api]\r\nposition = NEW\r\nuser = x\r\n")]
    [InlineData("[pm_api]\rposition = old\ruser = x\r", "[pm_api]\rposition = NEW\ruser = x\r")]
    [InlineData("[pm_api]\nuser = x\nposition = old", "[pm_api]\nuser = x\nposition = NEW")]
    [InlineData("[pm_api]\nposition =", "[pm_api]\nposition =NEW")]
    [InlineData("[pm_api]\nposition =\nuser = x", "[pm_api]\nposition =NEW\nuser = x")]
    [InlineData("[pm_api]\nposition = \nuser = x", "[pm_api]\nposition = NEW\nuser = x")]
    [InlineData("[pm_api]\nposition=old\n", "[pm_api]\nposition=NEW\n")]
    [InlineData("[pm_api]\nposition : old\n", "[pm_api]\nposition : NEW\n")]
    [InlineData("[pm_api]\n  Position\t=   old  \t\n", "[pm_api]\n  Position\t=   NEW  \t\n")]
    [InlineData("\uFEFF[pm_api]\nposition = old\n", "\uFEFF[pm_api]\nposition = NEW\n")]
    [InlineData("# ä\n[pm_api] ; here\n; b\nposition = old\n\n\n# end", "# ä\n[pm_api] ; here\n; b\nposition = NEW\n\n\n# end")]
    [InlineData("[pm_api]\nposition = old\n  older\n# why\n  oldest\nuser = x\n", "[pm_api]\nposition = NEW\n# why\nuser = x\n")]
    [InlineData("[pm_api]\nposition =\n  old", "[pm_api]\nposition =NEW\n")]
    [InlineData("[other]\nposition = a\n[pm_api]\nposition = old\n[third]\nposition = c\n", "[other]\nposition = a\n[pm_api]\nposition = NEW\n[third]\nposition = c\n")]
    public void A_value_is_replaced_in_its_place(string before, string after) => Check(before, after);

    [Theory]
    [InlineData("[pm_api]\nuser = x\n\n[b]\n", "[pm_api]\nuser = x\nposition = NEW\n\n[b]\n")]
    [InlineData("[pm_api]\r\nuser = x", "[pm_api]\r\nuser = x\r\nposition = NEW")]
    [InlineData("[pm_api]\n# nothing yet\n[b]\n", "[pm_api]\nposition = NEW\n# nothing yet\n[b]\n")]
    [InlineData("[pm_api]", "[pm_api]{0}position = NEW")]
    [InlineData("[pm_api]\nuser = x\n  more\n[b]\n", "[pm_api]\nuser = x\n  more\nposition = NEW\n[b]\n")]
    [InlineData("[pm_api]\n    user = x\n    [b]\n    y = 1\n", "[pm_api]\n    user = x\n    position = NEW\n    [b]\n    y = 1\n")]
    [InlineData("[DEFAULT]\nposition = old\n[pm_api]\nuser = x\n", "[DEFAULT]\nposition = old\n[pm_api]\nuser = x\nposition = NEW\n")]
    public void A_missing_key_is_added_to_its_section(string before, string after) => Check(before, string.Format(null, after, Environment.NewLine));

    [Theory]
    [InlineData("[b]\ny = 1\n", "[b]\ny = 1\n\n[pm_api]\nposition = NEW\n")]
    [InlineData("[b]\r\ny = 1", "[b]\r\ny = 1\r\n\r\n[pm_api]\r\nposition = NEW\r\n")]
    [InlineData("[PM_API]\nposition = old\n", "[PM_API]\nposition = old\n\n[pm_api]\nposition = NEW\n")]
    [InlineData("", "[pm_api]{0}position = NEW{0}")]
    public void A_missing_section_is_added_at_the_end(string before, string after) => Check(before, string.Format(null, after, Environment.NewLine));

    [Fact]
    public void Emptying_and_filling_again_gives_the_same_bytes()
    {
        var text = $"[pm_api]\n position :  {New} \n";
        _folder.Save(text);

        ConfigurationValueWriter.Write(_folder.File, "pm_api", "position", "");
        Assert.Equal(string.Empty, IniDocument.Parse(File.ReadAllText(_folder.File)).Find("pm_api", "position")?.Value);
        ConfigurationValueWriter.Write(_folder.File, "pm_api", "position", New);

        Assert.Equal(New, IniDocument.Parse(File.ReadAllText(_folder.File)).Find("pm_api", "position")?.Value);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_survive()
    {
        byte[] before = [.. "# M"u8, 0xFC, 0xA0, 0x85, .. "ller\n[pm_api]\nposition = old\n"u8];
        File.WriteAllBytes(_folder.File, before);

        Assert.True(Write());

        Assert.Equal((byte[])[.. before[..^4], .. Encoding.ASCII.GetBytes(New), (byte)'\n'], File.ReadAllBytes(_folder.File));
    }

    [Fact]
    public void The_same_value_leaves_the_file_alone()
    {
        _folder.Save($"[pm_api]\nposition = {New}\n");
        var long_ago = new DateTime(2019, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(_folder.File, long_ago);
        var steps = new List<string>();

        Assert.False(ConfigurationValueWriter.Write(_folder.File, "pm_api", "position", New, steps.Add));

        Assert.Empty(steps);
        Assert.Equal(long_ago, File.GetLastWriteTimeUtc(_folder.File));
    }

    [Fact]
    public void Until_the_rename_the_old_file_is_whole()
    {
        const string Old = "[pm_api]\nposition = old\n";
        _folder.Save(Old);
        var steps = new List<string>();

        ConfigurationValueWriter.Write(_folder.File, "pm_api", "position", New, step =>
        {
            steps.Add(step);
            Assert.Equal(step != "ini-after-rename", File.ReadAllText(_folder.File) == Old);
        });

        Assert.Equal(["ini-before-write", "ini-before-flush", "ini-before-rename", "ini-after-rename"], steps);
    }

    [Theory]
    [InlineData("ini-before-write")]
    [InlineData("ini-before-flush")]
    [InlineData("ini-before-rename")]
    public void A_write_that_stops_half_way_leaves_the_old_file_and_nothing_else(string stop)
    {
        const string Old = "[pm_api]\nposition = old\n";
        _folder.Save(Old);

        var fault = Assert.Throws<PhishMeException>(() => ConfigurationValueWriter.Write(
            _folder.File, "pm_api", "position", New, step => _ = step == stop ? throw new IOException("No space left on device") : step)).Fault;

        Assert.Equal(Faults.ConfigurationUnwritable, fault.Kind);
        Assert.Equal(_folder.File, fault.Where);
        Assert.Contains("No space left on device", fault.Message, StringComparison.Ordinal);
        Assert.Equal(Old, File.ReadAllText(_folder.File));
        Assert.Equal([_folder.File], Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData("old")]
    [InlineData(New)]
    public void What_a_killed_run_left_is_removed(string position)
    {
        _folder.Save($"[pm_api]\nposition = {position}\n");
        File.WriteAllText(Partial, "half a f");

        Write();

        Assert.Equal($"[pm_api]\nposition = {New}\n", File.ReadAllText(_folder.File));
        Assert.False(File.Exists(Partial));
    }

    [Fact]
    [NotOnWindows("Links need a privilege on Windows.")]
    public void A_link_in_the_place_of_the_partial_file_is_not_followed()
    {
        _folder.Save("[pm_api]\nposition = old\n");
        File.WriteAllText(_folder["victim"], "mine");
        File.CreateSymbolicLink(Partial, _folder["victim"]);

        Assert.True(Write());

        Assert.Equal("mine", File.ReadAllText(_folder["victim"]));
    }

    [Theory]
    [InlineData(0b110_000_000)]
    [InlineData(0b110_110_000)]
    [InlineData(0b111_101_101)]
    [NotOnWindows("Windows has no mode."), UnsupportedOSPlatform("windows")]
    public void The_mode_survives(int mode)
    {
        _folder.Save("[pm_api]\nposition = old\n");
        File.SetUnixFileMode(_folder.File, (UnixFileMode)mode);
        UnixFileMode? first = null;
        ConfigurationValueWriter.Write(_folder.File, "pm_api", "position", New, step =>
        {
            if (step == "ini-before-write" && !OperatingSystem.IsWindows())
            {
                first = File.GetUnixFileMode(Partial);
            }
        });

        Assert.Equal((UnixFileMode)mode, File.GetUnixFileMode(_folder.File));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, first);
    }

    [Fact]
    [NotOnWindows("Windows has no chown.")]
    public async Task The_owner_survives_a_run_as_root()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "skipped: only root can give files away");
        _folder.Save("[pm_api]\nposition = old\n");
        await RunAsync("chown", "12345:23456", _folder.File);

        Assert.True(Write());

        Assert.Equal("12345:23456 600\n", await RunAsync("stat", "-c", "%u:%g %a", _folder.File));
    }

    [Fact]
    [NotOnWindows("Links need a privilege on Windows.")]
    public void A_link_stays_and_the_file_it_leads_to_is_replaced()
    {
        var real = Path.Combine(Directory.CreateDirectory(_folder["elsewhere"]).FullName, "real.ini");
        File.WriteAllText(real, "[pm_api]\nposition = old\n");
        File.CreateSymbolicLink(_folder["middle.ini"], real);
        File.CreateSymbolicLink(_folder.File, "middle.ini");

        Assert.True(Write());

        Assert.Equal("middle.ini", new FileInfo(_folder.File).LinkTarget);
        Assert.Equal($"[pm_api]\nposition = {New}\n", File.ReadAllText(real));
        Assert.Equal([real], Directory.GetFiles(_folder["elsewhere"]));
    }

    [Fact]
    public void What_a_person_saves_meanwhile_is_not_lost()
    {
        _folder.Save("[pm_api]\nposition = old\n");
        var edits = 0;

        ConfigurationValueWriter.Write(_folder.File, "pm_api", "position", New, step =>
        {
            if (step == "ini-before-flush" && edits++ == 0)
            {
                _folder.Save("[pm_api]\nposition = old\nmax_retries = 5\n");
            }
        });

        Assert.Equal($"[pm_api]\nposition = {New}\nmax_retries = 5\n", File.ReadAllText(_folder.File));
    }

    [Fact]
    public void A_missing_file_a_read_only_file_and_a_wide_file_cannot_be_written()
    {
        AssertUnwritable();

        File.WriteAllText(_folder.File, "[pm_api]\nposition = old\n", Encoding.Unicode);
        AssertUnwritable();

        _folder.Save("[pm_api]\nposition = old\n");
        File.SetAttributes(_folder.File, FileAttributes.ReadOnly);
        AssertUnwritable();
        File.SetAttributes(_folder.File, FileAttributes.Normal);
        Assert.Equal("[pm_api]\nposition = old\n", File.ReadAllText(_folder.File));

        void AssertUnwritable() => Assert.Equal(Faults.ConfigurationUnwritable, Assert.Throws<PhishMeException>(() => Write()).Fault.Kind);
    }

    [Fact]
    public void A_read_only_file_is_reported_when_it_is_read()
    {
        _folder.Save(ConfigurationFolder.Minimum);
        File.SetAttributes(_folder.File, FileAttributes.ReadOnly);

        var reading = _folder.Read();

        File.SetAttributes(_folder.File, FileAttributes.Normal);
        reading.Only(FindingRules.PositionNotWritable);
    }

    [Theory]
    [InlineData("pm_api", "position", "a\nb")]
    [InlineData("pm_api", "position", " a")]
    [InlineData("pm]api", "position", "a")]
    [InlineData("pm_api", "posi=tion", "a")]
    public void What_would_not_be_one_value_is_refused(string section, string key, string value) =>
        Assert.Throws<ArgumentException>(() => ConfigurationValueWriter.Write(_folder.File, section, key, value));

    private bool Write() => ConfigurationValueWriter.Write(_folder.File, "pm_api", "position", New);

    private void Check(string before, string after)
    {
        // Without an encoding that adds a mark: \uFEFF is written as the three bytes.
        File.WriteAllText(_folder.File, before, new UTF8Encoding(false));

        Assert.True(Write());

        Assert.Equal(after.Replace("NEW", New, StringComparison.Ordinal), new UTF8Encoding(false).GetString(File.ReadAllBytes(_folder.File)));
        Assert.Equal([_folder.File], Directory.GetFiles(_folder.Path));
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardOutput = true });
        var text = await process!.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return text;
    }
}
