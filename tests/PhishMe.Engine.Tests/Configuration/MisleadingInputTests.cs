using System.Diagnostics;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Tests.Configuration;

/// <summary>What looks right and cannot work is named: by its key, never by a secret value.</summary>
public sealed class MisleadingInputTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\u201C{0}\u201D")]
    [InlineData("\u201E{0}\u201C")]
    [InlineData("\u2018{0}\u2019")]
    [InlineData("\u00AB{0}\u00BB")]
    [InlineData("{0}\u201D")]
    [InlineData("\u201D{0}")]
    [InlineData("\u2039{0}\u203A")]
    public void Typographic_quotes_in_a_password(string form)
    {
        var reading = _folder.Read(ConfigurationFolder.Minimum.Replace(
            ConfigurationFolder.Password, string.Format(null, form, ConfigurationFolder.Password), StringComparison.Ordinal));

        var finding = reading.Only(FindingRules.ValueQuoted);
        finding.IsAt(3, "pm_api", "pass");
        Assert.DoesNotContain(ConfigurationFolder.Password, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.0/8", "127.0.0.1", true)]
    [InlineData("127.0.0.1/8", "127.9.9.9", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("203.0.113.64/26", "203.0.113.127", true)]
    [InlineData("203.0.113.64/26", "203.0.113.128", false)]
    [InlineData("203.0.113.7/32", "203.0.113.7", true)]
    [InlineData("0.0.0.0/0", "203.0.113.7", true)]
    [InlineData("2001:db8::/32", "[2001:db8::7]", true)]
    [InlineData("2001:db8::/32", "[2001:db9::7]", false)]
    [InlineData("2001:db8::/32", "203.0.113.7", false)]
    [InlineData("[2001:db8::7]", "[2001:db8:0::7]", true)]
    [InlineData(".corp.example", "api.corp.example", true)]
    [InlineData("*.corp.example", "corp.example", false)]
    [InlineData("*", "api.example", true)]
    [InlineData("b\u00FCro.example", "xn--bro-hoa.example", true)]
    [InlineData("10.0.0.0/8", "api.example", false)]
    public void A_network_as_bypass_works(string entry, string host, bool bypasses)
    {
        var settings = new ProxySettings { Http = new Uri("http://proxy.example:3128"), Bypass = [entry] };

        Assert.True(ProxyBypass.IsUsable(entry));
        Assert.Equal(bypasses, ProxyRoute.ProxyFor(settings, new Uri($"http://{host}/apiv1")) is null);
    }

    [Theory]
    [InlineData("127.0.0.0/33")]
    [InlineData("127.0.0.0/x")]
    [InlineData("http://corp.example")]
    [InlineData("corp.example:8080")]
    [InlineData("corp.example/path")]
    [InlineData("10.*.*.*")]
    [InlineData("<local>")]
    [InlineData("*corp.example")]
    [InlineData("*.")]
    [InlineData("2001:db8::/129")]
    public void A_bypass_without_effect_is_named(string entry)
    {
        var reading = _folder.Read($"{ConfigurationFolder.Minimum}[local_proxy]\nuse = True\nhttps = http://proxy.example:3128\nbypass = localhost, {entry}\n");

        var finding = reading.Only(FindingRules.EntryWithoutEffect);
        finding.IsAt(10, "local_proxy", "bypass");
        Assert.Contains(entry, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"C:\ProgramData\PhishMe\events.cef")]
    [InlineData("C:/ProgramData/events.cef")]
    [InlineData(@"d:\events.cef")]
    [InlineData(@"\\server\share\events.cef")]
    [NotOnWindows("These are ordinary paths here.")]
    public void A_path_of_Windows_elsewhere(string path)
    {
        var reading = _folder.Read($"{ConfigurationFolder.Credentials}[integration_raw_cef]\nuse = True\nappend_file_use = True\nappend_file_location = {path}\n");

        reading.Only(FindingRules.PathInvalid).IsAt(7, "integration_raw_cef", "append_file_location");
        Assert.Equal([_folder.File], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("events.cef")]
    [InlineData("./a:b.cef")]
    [InlineData("c.events")]
    public void An_ordinary_path_is_not_complained_of(string path)
    {
        _folder.Read($"{ConfigurationFolder.Credentials}[integration_raw_cef]\nuse = True\nappend_file_use = True\nappend_file_location = {path}\n").Clean();
    }

    [Fact]
    [NotOnWindows("There are no named pipes in folders here.")]
    public async Task A_pipe_as_append_file_is_refused_without_waiting_for_its_other_end()
    {
        using (var made = Process.Start("mkfifo", [_folder["events.cef"]]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var reading = _folder.Read($"{ConfigurationFolder.Credentials}[integration_raw_cef]\nuse = True\nappend_file_use = True\nappend_file_location = events.cef\n");

        reading.Only(FindingRules.PathInvalid).IsAt(7, "integration_raw_cef", "append_file_location");
    }

    [Theory]
    [InlineData("/dev/null")]
    [InlineData("/dev/full")]
    [NotOnWindows("Windows has no /dev.")]
    public void A_device_as_append_file_is_refused(string device)
    {
        Assert.SkipUnless(File.Exists(device), $"{device} is not there.");

        var reading = _folder.Read($"{ConfigurationFolder.Credentials}[integration_raw_json]\nuse = True\nappend_file_use = True\nappend_file_location = {device}\n");

        reading.Single(FindingRules.PathInvalid).IsAt(7, "integration_raw_json", "append_file_location");
    }
}
