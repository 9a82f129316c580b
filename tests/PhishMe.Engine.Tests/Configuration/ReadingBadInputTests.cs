using System.Runtime.Versioning;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Configuration;

/// <summary>Every finding names file, line, section and key, and says what to write instead.</summary>
public sealed class ReadingBadInputTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_file_is_a_finding_and_a_fault()
    {
        var reading = _folder.Read();

        reading.Only(FindingRules.FileNotFound).IsAt(null, null);
        Assert.Equal(Faults.ConfigurationNotFound, reading.Fault?.Kind);
        Assert.Equal(_folder.File, reading.Fault?.Where);
    }

    [Fact]
    public void A_missing_folder_is_the_same() =>
        Assert.Equal(Faults.ConfigurationNotFound, ConfigurationReader.Read(_folder["no/config.ini"], _folder.Context).Fault?.Kind);

    [Fact]
    public void A_folder_in_place_of_the_file_is_unreadable()
    {
        var reading = ConfigurationReader.Read(_folder.Path, _folder.Context);

        reading.Only(FindingRules.FileUnreadable);
        Assert.Equal(Faults.ConfigurationUnreadable, reading.Fault?.Kind);
    }

    [Fact]
    [NotOnWindows("Windows has no mode."), UnsupportedOSPlatform("windows")]
    public void A_file_without_the_right_to_read_is_unreadable()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "skipped: the right to read does not bind root");
        _folder.Save(ConfigurationFolder.Minimum);
        File.SetUnixFileMode(_folder.File, UnixFileMode.None);

        Assert.Equal(Faults.ConfigurationUnreadable, _folder.Read().Fault?.Kind);
    }

    [Fact]
    [NotOnWindows("Windows has no /dev/zero.")]
    public void A_file_that_is_no_configuration_is_not_read_to_its_end()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "skipped: needs /dev/zero");

        ConfigurationReader.Read("/dev/zero", _folder.Context).Only(FindingRules.FileTooLarge);
    }

    [Theory]
    [InlineData("[output_json]\nuse = False\n", "[output_json], [output_cef] or [output_stix]")]
    [InlineData("[output_cef]\nuse = False\n\n[integration_raw_json]\nuse = False\n", "[integration_raw_json], [output_cef] or [integration_raw_stix]")]
    [InlineData("", "[integration_raw_json], [integration_raw_cef] or [integration_raw_stix]")]
    public void A_finding_names_a_section_as_the_file_spells_it(string sections, string named)
    {
        var reading = _folder.Read(ConfigurationFolder.Credentials + "\n" + sections);

        Assert.Contains($"Set use = True in {named}.", reading.Findings.Single(finding => finding.Id == FindingRules.NoOutput.Id).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_format_without_its_output_names_the_section_as_the_file_spells_it()
    {
        var reading = _folder.Read(ConfigurationFolder.Credentials + "\n[pm_format]\ncef = True\n\n[output_cef]\nuse = False\n");

        Assert.Contains(
            "[output_cef] is not in use", reading.Findings.Single(finding => finding.Id == FindingRules.FormatWithoutOutput.Id).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_lacks_credentials_and_outputs()
    {
        var reading = _folder.Read(string.Empty);

        reading.Single(FindingRules.SectionMissing).IsAt(null, "pm_api");
        reading.Single(FindingRules.NoOutput);
        Assert.Equal(Faults.ConfigurationInvalid, reading.Fault?.Kind);
        Assert.Contains("1 error", reading.Fault?.Message, StringComparison.Ordinal);
        Assert.Contains("[pm_api]", reading.Fault?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UTF16_is_refused_with_advice()
    {
        File.WriteAllText(_folder.File, ConfigurationFolder.Minimum, Encoding.Unicode);

        Assert.Contains("Save it as UTF-8", _folder.Read().Only(FindingRules.EncodingNotSupported).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Latin1_is_read_with_a_warning()
    {
        File.WriteAllText(_folder.File, $"# Büro\n{ConfigurationFolder.Minimum}multiple_file_location = für\n", Encoding.Latin1);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder.File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var reading = _folder.Read();

        reading.Only(FindingRules.EncodingNotUtf8).IsAt(1, null);
        Assert.Equal(_folder["für"], reading.Valid().Outputs[0].Folder);
    }

    [Fact]
    public void A_byte_order_mark_does_no_harm()
    {
        _folder.Save("\uFEFF" + ConfigurationFolder.Minimum);

        _folder.Read().Clean();
    }

    [Fact]
    public void All_findings_come_at_once_in_the_order_of_the_file()
    {
        var reading = _folder.Read("""
            [pm_api]
            user = short
            pass =
            ssl_verify = perhaps
            init_date = soon
            results_per_page = 101
            [pm_product]
            intelligence = no
            brand_intelligence = no
            [local_log]
            log_level = loud
            """);

        Assert.Equal(
            ["TooShort", "ValueMissing", "NotABoolean", "NotADate", "OutOfRange", "NoProduct", "NotAChoice", "NoOutput"],
            reading.Findings.Select(finding => finding.Id));
        Assert.Equal([2, 3, 4, 5, 6, 7, 11, null], reading.Findings.Select(finding => finding.Line));
        Assert.Contains("7 errors", reading.Fault?.Message, StringComparison.Ordinal);
        Assert.Contains("config.ini(2): error TooShort: [pm_api] user:", reading.Fault?.Message, StringComparison.Ordinal);
        Assert.False(reading.ToReport().IsValid);
    }

    [Theory]
    [InlineData("ssl_verify = maybe", "NotABoolean", "True or False")]
    [InlineData("ssl_verify = -1", "NotABoolean", "True or False")]
    [InlineData("ssl_verify =", "ValueMissing", "True or False")]
    [InlineData("ssl_verify = True ; for the proxy", "NotABoolean", "line of its own")]
    [InlineData("results_per_page = many", "NotANumber", "1 to 100")]
    [InlineData("results_per_page = 100 # at most", "NotANumber", "line of its own")]
    [InlineData("results_per_page = 0", "OutOfRange", "1 to 100")]
    [InlineData("results_per_page = 101", "OutOfRange", "1 to 100")]
    [InlineData("results_per_page = 99999999999999999999999", "NotANumber", "1 to 100")]
    [InlineData("results_per_page = 4294967297", "OutOfRange", "1 to 100")]
    [InlineData("results_per_page =", "ValueMissing", "the default, 100")]
    [InlineData("max_retries = 11", "OutOfRange", "1 to 10")]
    [InlineData("expired_threat_days = 3651", "OutOfRange", "1 to 3650")]
    [InlineData("concurrent_requests = 0", "OutOfRange", "1 to 256")]
    [InlineData("requests_per_second = -5", "OutOfRange", "1 to 10000")]
    [InlineData("run_timeout_minutes = 0", "OutOfRange", "1 to 1440")]
    [InlineData("init_date = 2019-02-30", "NotADate", "YYYY-MM-DD")]
    [InlineData("init_date = 01/02/2019", "NotADate", "YYYY-MM-DD")]
    [InlineData("init_date = YYYY-MM-DD  ; first day to download", "NotADate", "line of its own")]
    [InlineData("init_date = <enter the first day here, e.g. 2016-01-01>", "NotADate", "YYYY-MM-DD")]
    [InlineData("position = 1234", "TooShort", "36 characters")]
    [InlineData("base_url = www.threathq.com/apiv1", "NotAUrl", "https://www.threathq.com/apiv1")]
    [InlineData("base_url = ftp://www.threathq.com/apiv1", "NotAUrl", "https://www.threathq.com/apiv1")]
    [InlineData("base_url = https://www.threathq.com/apiv1?x=1", "NotAUrl", "https://www.threathq.com/apiv1")]
    [InlineData("base_url = https://", "NotAUrl", "https://www.threathq.com/apiv1")]
    [InlineData("ca_file = no/such.pem", "FileOfKeyUnreadable", "does not exist")]
    [InlineData("client_certificate = .", "FileOfKeyUnreadable", "cannot be read")]
    [InlineData("position = 0123456789\n  0123456789", "ValueContinued", "line 5")]
    [InlineData("results_per_page = 100\n  max_retries = 3", "ValueContinued", "line 5")]
    public void A_wrong_value_of_the_API_is_an_error(string line, string id, string advice)
    {
        var reading = _folder.Read($"{ConfigurationFolder.Credentials}{line}\n[output_json]\nuse = True\n");

        var finding = reading.Only(FindingRules.All.Single(rule => rule.Id == id));
        finding.IsAt(4, "pm_api", line[..line.IndexOf(' ', StringComparison.Ordinal)]);
        Assert.Equal(FindingSeverity.Error, finding.Severity);
        Assert.Contains(advice, finding.Message, StringComparison.Ordinal);
        Assert.Equal(Faults.ConfigurationInvalid, reading.Fault?.Kind);
    }

    [Theory]
    [InlineData("user", "")]
    [InlineData("pass", "")]
    [InlineData("user", "0123456789abcdef0123456789abcde")]
    [InlineData("pass", "0123456789abcdef0123456789abcde")]
    public void Credentials_must_be_there_and_whole(string key, string value)
    {
        var finding = _folder.Read(WithKey(key, $"{key} = {value}")).Only(value.Length == 0 ? FindingRules.ValueMissing : FindingRules.TooShort);

        finding.IsAt(key == "user" ? 2 : 3, "pm_api", key);
        Assert.Contains("portal", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user")]
    [InlineData("pass")]
    public void A_missing_credential_is_named(string key) =>
        _folder.Read(WithKey(key, "# nothing")).Only(FindingRules.ValueMissing).IsAt(null, "pm_api", key);

    [Fact]
    public void A_position_of_36_characters_is_taken() =>
        Assert.Equal(
            "d3b07384-d113-4ec6-a7f9-0123456789ab",
            _folder.Read($"{ConfigurationFolder.Credentials}position = d3b07384-d113-4ec6-a7f9-0123456789ab\n[output_json]\nuse = True\n").Clean().Api.Position);

    [Fact]
    public void A_key_twice_names_both_lines()
    {
        var finding = _folder.Read($"{ConfigurationFolder.Credentials}max_retries = 3\nMax_Retries = 4\n[output_json]\nuse = True\n").Only(FindingRules.DuplicateKey);

        finding.IsAt(5, "pm_api", "max_retries");
        Assert.Contains("line 4", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_section_twice_names_both_lines()
    {
        var finding = _folder.Read($"{ConfigurationFolder.Minimum}[pm_api]\nmax_retries = 4\n").Only(FindingRules.DuplicateSection);

        finding.IsAt(7, "pm_api");
        Assert.Contains("line 1", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_without_delimiter_is_an_error() =>
        _folder.Read($"{ConfigurationFolder.Minimum}append_file_use\n").Only(FindingRules.LineNotUnderstood).IsAt(7, "integration_raw_json");

    [Fact]
    public void A_key_before_the_first_section_is_an_error() =>
        _folder.Read($"user = x\n{ConfigurationFolder.Minimum}").Only(FindingRules.KeyBeforeSection).IsAt(1, null);

    [Fact]
    public void An_indented_section_is_no_section()
    {
        var reading = _folder.Read($"{ConfigurationFolder.Credentials}base_url = https://a.example/apiv1\n  [output_json]\n  use = True\n");

        reading.Single(FindingRules.SectionIndented).IsAt(5, "pm_api", "base_url");
        reading.Single(FindingRules.ValueContinued).IsAt(4, "pm_api", "base_url");
    }

    [Theory]
    [InlineData("pm_apo", "Did you mean [pm_api]?")]
    [InlineData("PM_FORMAT", "Did you mean [pm_format]?")]
    [InlineData("output_csv", "Did you mean [output_cef]?")]
    [InlineData("integration_raw_jsn", "Did you mean [integration_raw_json]?")]
    [InlineData("my_notes", "config.ini.sample")]
    public void An_unknown_section_is_a_warning_with_the_name_that_may_be_meant(string name, string advice)
    {
        var finding = _folder.Read($"{ConfigurationFolder.Minimum}[{name}]\nanything = 1\n").Only(FindingRules.UnknownSection);

        finding.IsAt(7, name);
        Assert.Contains(advice, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pm_api", "max_retry", "Did you mean max_retries?")]
    [InlineData("pm_api", "baseurl", "Did you mean base_url?")]
    [InlineData("pm_product", "log_level", "Move it to [local_log].")]
    [InlineData("pm_product", "colour", "config.ini.sample")]
    [InlineData("DEFAULT", "max_retry", "Did you mean max_retries?")]
    public void An_unknown_key_is_a_warning_with_the_name_that_may_be_meant(string section, string key, string advice)
    {
        var text = section == "pm_api"
            ? $"{ConfigurationFolder.Credentials}{key} = 1\n[output_json]\nuse = True\n"
            : $"{ConfigurationFolder.Credentials}[output_json]\nuse = True\n[{section}]\n{key} = 1\n";

        var finding = _folder.Read(text).Only(FindingRules.UnknownKey);

        finding.IsAt(section == "pm_api" ? 4 : 7, section, key);
        Assert.Contains(advice, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_section_that_is_off_is_not_looked_into() =>
        _folder.Read($"""
            {ConfigurationFolder.Minimum}
            [pm_jitter]
            use = False
            execution_frequency = often
            scheduler_offset = -1
            whatever = 1
            [local_proxy]
            use = 0
            http = nonsense
            [local_file_lock]
            use = off
            lock_file = /no/such/folder/run.lock
            [output_cef]
            use = no
            append_file_use = perhaps
            syslog_port = 65536
            [integration_crits]
            use = FALSE
            user = x
            [pm_impact]
            use = False
            major = x
            """).Clean();

    [Theory]
    [InlineData("pm_jitter")]
    [InlineData("local_proxy")]
    [InlineData("local_file_lock")]
    [InlineData("local_sqlite")]
    [InlineData("integration_raw_cef")]
    [InlineData("integration_arcsight")]
    [InlineData("integration_phantom")]
    public void Whether_a_section_is_on_must_be_clear(string section) =>
        _folder.Read($"{ConfigurationFolder.Minimum}[{section}]\nuse = sometimes\n").Only(FindingRules.NotABoolean).IsAt(8, section, "use");

    [Fact]
    public void At_least_one_product_is_needed() =>
        _folder.Read($"{ConfigurationFolder.Minimum}[pm_product]\nintelligence = False\nbrand_intelligence = False\n").Only(FindingRules.NoProduct).IsAt(7, "pm_product");

    [Theory]
    [InlineData("-1")]
    [InlineData("15")]
    [InlineData("16")]
    [InlineData("soon")]
    public void An_offset_that_is_not_usable_counts_as_not_chosen(string offset)
    {
        var reading = _folder.Read($"{ConfigurationFolder.Minimum}[pm_jitter]\nuse = True\nexecution_frequency = 15\nscheduler_offset = {offset}\n");

        reading.Only(FindingRules.OffsetNotUsable).IsAt(10, "pm_jitter", "scheduler_offset");
        Assert.Null(reading.Valid().Jitter.OffsetMinutes);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("0", 0)]
    [InlineData("14", 14)]
    public void A_usable_offset_is_taken(string offset, int? expected) =>
        Assert.Equal(
            new JitterSettings { Use = true, FrequencyMinutes = 15, OffsetMinutes = expected },
            _folder.Read($"{ConfigurationFolder.Minimum}[pm_jitter]\nuse = True\nscheduler_offset = {offset}\n").Clean().Jitter);

    [Theory]
    [InlineData(4, "OutOfRange")]
    [InlineData(5, "FrequencyTooHigh")]
    [InlineData(14, "FrequencyTooHigh")]
    [InlineData(1441, "OutOfRange")]
    public void Runs_are_at_least_15_minutes_apart(int minutes, string id) =>
        _folder.Read($"{ConfigurationFolder.Minimum}[pm_jitter]\nuse = True\nexecution_frequency = {minutes}\n")
            .Only(FindingRules.All.Single(rule => rule.Id == id)).IsAt(9, "pm_jitter", "execution_frequency");

    [Fact]
    public void A_first_day_in_the_future_is_a_warning_because_the_clock_may_be_wrong()
    {
        _folder.Context = _folder.Context with { Clock = new FakeTimeProvider(new DateTimeOffset(2018, 12, 31, 23, 0, 0, TimeSpan.Zero)) };

        _folder.Read($"{ConfigurationFolder.Credentials}init_date = 2019-01-01\n[output_json]\nuse = True\n")
            .Only(FindingRules.InitialDateInFuture).IsAt(4, "pm_api", "init_date");
    }

    [Fact]
    public void Unverified_TLS_is_a_warning_every_time() =>
        _folder.Read($"{ConfigurationFolder.Credentials}ssl_verify = False\n[output_json]\nuse = True\n").Only(FindingRules.TlsNotVerified).IsAt(4, "pm_api", "ssl_verify");

    [Fact]
    public void Clear_text_to_another_host_is_a_warning() =>
        _folder.Read($"{ConfigurationFolder.Credentials}base_url = http://threathq.example/apiv1\n[output_json]\nuse = True\n")
            .Only(FindingRules.ConnectionNotEncrypted).IsAt(4, "pm_api", "base_url");

    [Fact]
    public void EclecticIQ_without_the_server_that_it_polls_is_a_warning() =>
        _folder.Read($"{ConfigurationFolder.Minimum}[integration_eclecticiq]\nuse = True\n").Only(FindingRules.OutputWritesNothing).IsAt(8, "integration_eclecticiq", "use");

    [Fact]
    public void EclecticIQ_beside_the_server_that_it_polls_is_no_finding() =>
        Assert.Empty(_folder.Read(
            $"{ConfigurationFolder.Minimum}[integration_eclecticiq]\nuse = True\n[local_sqlite]\nuse = True\n[taxii_server]\nuse = True\nlisten = http://127.0.0.1:8444/\n").Findings);

    [Fact]
    public void EclecticIQ_has_one_mode() =>
        _folder.Read($"{ConfigurationFolder.Minimum}[integration_eclecticiq]\nuse = True\nmode = api\n").Single(FindingRules.NotAChoice).IsAt(9, "integration_eclecticiq", "mode");

    [Fact]
    public void A_section_that_never_did_anything_is_worth_a_line() =>
        _folder.Read($"{ConfigurationFolder.Minimum}[pm_impact]\nuse = True\nmajor = True\n").Only(FindingRules.SectionWithoutEffect).IsAt(8, "pm_impact", "use");

    [Fact]
    [NotOnWindows("Windows has no root.")]
    public void Running_as_root_is_worth_a_line()
    {
        _folder.Context = _folder.Context with { IsPrivileged = true };

        _folder.Read(ConfigurationFolder.Minimum).Only(FindingRules.RunsAsRoot);
    }

    private static string WithKey(string key, string line) => string.Join('\n', ConfigurationFolder.Minimum
        .Split('\n')
        .Select(original => original.StartsWith($"{key} =", StringComparison.Ordinal) ? line : original));
}
