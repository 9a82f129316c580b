using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Configuration;

public sealed class ReadingOutputTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("output")]
    [InlineData("integration_raw")]
    public void Both_spellings_name_the_outputs(string prefix)
    {
        var settings = _folder.Read($"""
            {ConfigurationFolder.Credentials}
            [{prefix}_stix]
            use = True
            [{prefix}_cef]
            use = True
            [{prefix}_json]
            use = True
            """).Clean();

        Assert.Equal([OutputFormat.Cef, OutputFormat.Json, OutputFormat.Stix], settings.Outputs.Select(output => output.Format));
        Assert.Equal([$"{prefix}_cef", $"{prefix}_json", $"{prefix}_stix"], settings.Outputs.Select(output => output.Section));
        Assert.Equal(["raw_cef", "raw_json", "raw_stix"], settings.ActiveOutputs);
    }

    [Fact]
    public void Of_both_spellings_the_one_of_the_original_wins()
    {
        var reading = _folder.Read($"""
            {ConfigurationFolder.Minimum}
            [output_json]
            use = perhaps
            multiple_file_location = other
            """);

        var finding = reading.Only(FindingRules.BothSpellings);
        finding.IsAt(8, "output_json");
        Assert.Contains("[integration_raw_json] wins", finding.Message, StringComparison.Ordinal);
        Assert.Equal(_folder["json"], Assert.Single(reading.Valid().Outputs).Folder);
    }

    [Fact]
    public void The_outputs_decide_what_is_downloaded_and_the_formats_are_compared_with_them()
    {
        var reading = _folder.Read($"""
            {ConfigurationFolder.Minimum}
            [pm_format]
            cef = True
            json = False
            stix = False
            """);

        reading.Single(FindingRules.FormatWithoutOutput).IsAt(9, "pm_format", "cef");
        reading.Single(FindingRules.FormatForced).IsAt(10, "pm_format", "json");
        Assert.Equal(2, reading.Findings.Count);
        Assert.Equal([OutputFormat.Json], reading.Valid().Outputs.Select(output => output.Format));
    }

    [Fact]
    public void All_formats_with_all_outputs_leave_nothing_to_say()
    {
        var settings = _folder.Read($"""
            {ConfigurationFolder.Credentials}
            [pm_format]
            cef = True
            json = True
            stix = True
            [output_cef]
            use = True
            [output_json]
            use = True
            [output_stix]
            use = True
            """).Clean();

        Assert.Equal(3, settings.Outputs.Count);
    }

    [Fact]
    public void An_output_must_say_whether_it_is_in_use() =>
        _folder.Read($"{ConfigurationFolder.Minimum}[output_cef]\n").Only(FindingRules.ValueMissing).IsAt(null, "output_cef", "use");

    [Theory]
    [InlineData("json")]
    [InlineData("cef")]
    public void An_output_without_any_way_to_write_is_a_warning_and_not_downloaded_for(string format)
    {
        var reading = _folder.Read($"{ConfigurationFolder.Credentials}[output_{format}]\nuse = True\nmultiple_file_use = False\n");

        reading.Single(FindingRules.OutputWritesNothing).IsAt(4, $"output_{format}");
        reading.Single(FindingRules.NoOutput);
        Assert.Empty(reading.Valid().Outputs);
    }

    [Fact]
    public void Both_file_modes_may_be_on()
    {
        var output = Assert.Single(_folder.Read($"""
            {ConfigurationFolder.Minimum}
            append_file_use = True
            append_file_location = all.json
            multiple_file_use = True
            multiple_file_location = each
            multiple_file_split_by_date = False
            layout = Legacy
            check_config = True
            """).Clean().Outputs);

        Assert.Equal((_folder["all.json"], _folder["each"], false), (output.AppendFile, output.Folder, output.SplitByDate));
        Assert.Equal(OutputLayout.Legacy, output.Layout);
    }

    [Theory]
    [InlineData("append_file_use = True", "append_file_location")]
    [InlineData("multiple_file_location =", "multiple_file_location")]
    public void A_way_to_write_needs_its_place(string line, string key) =>
        Assert.Equal(key, _folder.Read($"{ConfigurationFolder.Minimum}{line}\n").Single(FindingRules.ValueMissing).Key);

    [Theory]
    [InlineData("append_file_use = True\nappend_file_location = no/all.json", "append_file_location", "no")]
    [InlineData("multiple_file_location = no/such/folder", "multiple_file_location", "no/such")]
    public void The_folder_above_must_exist(string lines, string key, string missing)
    {
        var finding = _folder.Read($"{ConfigurationFolder.Minimum}{lines}\n").Only(FindingRules.FolderMissing);

        Assert.Equal(key, finding.Key);
        Assert.Contains(Path.GetFullPath(missing, _folder.Path), finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("local_log", "log_file")]
    [InlineData("local_file_lock", "lock_file")]
    [InlineData("local_sqlite", "db")]
    [InlineData("local_sqlite", "db_location")]
    public void The_folder_of_other_files_must_exist_too(string section, string key) =>
        _folder.Read($"{ConfigurationFolder.Minimum}[{section}]\n{(section == "local_log" ? "" : "use = True\n")}{key} = no/such/file\n")
            .Only(FindingRules.FolderMissing).IsAt(section == "local_log" ? 8 : 9, section, key);

    [Theory]
    [InlineData("append_file_use = True\nappend_file_location = existing", "append_file_location")]
    [InlineData("append_file_use = True\nappend_file_location = new/", "append_file_location")]
    [InlineData("multiple_file_location = file", "multiple_file_location")]
    public void A_file_is_no_folder_and_the_reverse(string lines, string key)
    {
        Directory.CreateDirectory(_folder["existing"]);
        File.WriteAllText(_folder["file"], "");

        Assert.Equal(key, _folder.Read($"{ConfigurationFolder.Minimum}{lines}\n").Only(FindingRules.PathInvalid).Key);
    }

    [Fact]
    [NotOnWindows("Windows has no mode.")]
    public void A_read_only_folder_is_named()
    {
        MakeReadOnly(Directory.CreateDirectory(_folder["json"]).FullName);

        var finding = _folder.Read(ConfigurationFolder.Minimum).Only(FindingRules.PathNotWritable);

        Assert.Equal(("integration_raw_json", "multiple_file_location"), (finding.Section, finding.Key));
        Assert.Contains(_folder["json"], finding.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder["json"]));
    }

    [Fact]
    [NotOnWindows("Windows has no mode.")]
    public void A_folder_that_cannot_be_made_and_a_file_that_cannot_be_written_are_named()
    {
        File.WriteAllText(_folder["all.json"], "");
        MakeReadOnly(_folder["all.json"]);
        MakeReadOnly(Directory.CreateDirectory(_folder["sealed"]).FullName);

        var reading = _folder.Read($"""
            {ConfigurationFolder.Minimum}
            append_file_use = True
            append_file_location = all.json
            multiple_file_location = sealed/json
            [local_log]
            log_file = sealed/run.log
            """);

        Assert.Equal(
            ["append_file_location", "multiple_file_location", "log_file"],
            reading.Findings.Where(finding => finding.Id == FindingRules.PathNotWritable.Id).Select(finding => finding.Key));
        Assert.Equal(3, reading.Findings.Count);
    }

    [Fact]
    [NotOnWindows("Windows has no mode.")]
    public void The_state_file_needs_its_folder_too()
    {
        var state = Path.Combine(Directory.CreateDirectory(_folder["state"]).FullName, "run.db");
        File.WriteAllText(state, "");
        MakeReadOnly(_folder["state"]);

        _folder.Read($"{ConfigurationFolder.Minimum}[local_sqlite]\ndb = {state}\n").Only(FindingRules.PathNotWritable).IsAt(8, "local_sqlite", "db");
    }

    [Fact]
    [NotOnWindows("Windows has no mode.")]
    public void A_read_only_folder_of_the_configuration_is_reported_once_for_each_file_that_would_be_made_in_it()
    {
        var folder = Directory.CreateDirectory(_folder["etc"]).FullName;
        _folder.Save(ConfigurationFolder.Minimum);
        File.Move(_folder.File, Path.Combine(folder, "config.ini"));
        MakeReadOnly(folder);

        var reading = ConfigurationReader.Read(Path.Combine(folder, "config.ini"), _folder.Context);

        Assert.Equal(
            ["multiple_file_location", "log_file", "lock_file", "db"],
            reading.Findings.Where(finding => finding.Id == FindingRules.PathNotWritable.Id).Select(finding => finding.Key));
        reading.Single(FindingRules.PositionNotWritable);
    }

    [Fact]
    [NotOnWindows("Windows has no /proc.")]
    public void A_read_only_file_system_is_found_as_root_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Directory.Exists("/sys/kernel"), "skipped: needs a read-only file system");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped: without root the rights of the folder answer first");

        _folder.Read($"{ConfigurationFolder.Minimum}multiple_file_location = /proc/self/phishme\n").Single(FindingRules.PathNotWritable);
    }

    [Fact]
    public void Reading_leaves_no_trace_on_disk()
    {
        Directory.CreateDirectory(_folder["json"]);
        _folder.Save(ConfigurationFolder.Minimum);
        var before = Snapshot();

        _folder.Read().Clean();

        Assert.Equal(before, Snapshot());

        List<(string, DateTime)> Snapshot() =>
            [.. Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Prepend(_folder.Path).Order().Select(path => (path, Directory.GetLastWriteTimeUtc(path)))];
    }

    [Fact]
    public void Two_keys_may_not_name_one_file()
    {
        var reading = _folder.Read($"""
            {ConfigurationFolder.Minimum}
            append_file_use = True
            append_file_location = same.txt
            [local_log]
            log_file = ./same.txt
            [local_file_lock]
            use = True
            lock_file = config.ini
            """);

        Assert.Equal(["log_file", "lock_file"], reading.Findings.Select(finding => finding.Key));
        Assert.All(reading.Findings, finding => Assert.Equal(FindingRules.PathShared.Id, finding.Id));
        Assert.Contains("[integration_raw_json] append_file_location", reading.Findings[0].Message, StringComparison.Ordinal);
        Assert.Contains("configuration file itself", reading.Findings[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_both_spellings_of_the_state_file_the_older_wins()
    {
        var reading = _folder.Read($"{ConfigurationFolder.Minimum}[local_sqlite]\ndb_location = b.db\ndb = a.db\n");

        reading.Only(FindingRules.BothSpellings).IsAt(8, "local_sqlite", "db_location");
        Assert.Equal(_folder["a.db"], reading.Valid().State.File);
    }

    [Theory]
    [InlineData("db = a.db\ndb_location =", "a.db")]
    [InlineData("db =\ndb_location = b.db", "b.db")]
    [InlineData("db =\ndb_location =\ndata_deduplication_use =\ndata_deduplication_hours =\ndata_retention_use =\ndata_retention_days =", "config.db")]
    public void Empty_keys_of_the_state_file_mean_the_default(string lines, string expected) =>
        Assert.Equal(_folder[expected], _folder.Read($"{ConfigurationFolder.Minimum}[local_sqlite]\nuse = False\n{lines}\n").Clean().State.File);

    [Fact]
    public void Syslog_has_the_defaults_of_the_original()
    {
        var settings = _folder.Read($"""
            {ConfigurationFolder.Credentials}
            [output_cef]
            use = True
            multiple_file_use = False
            syslog_use = True
            syslog_host = siem.example
            syslog_port =
            """).Clean();

        Assert.Equal(
            new SyslogSettings
            {
                Host = "siem.example",
                Port = 514,
                MaximumEventsPerSecond = 500,
                Transport = SyslogTransport.Udp,
                Framing = SyslogFraming.Legacy,
                TcpFraming = SyslogTcpFraming.LineFeed,
                Facility = 3,
                Severity = 5,
                OutboxMaximumMegabytes = 256,
                Heartbeat = false,
            },
            Assert.Single(settings.Outputs).Syslog);
    }

    [Fact]
    public void Syslog_over_TLS_has_a_port_of_its_own_and_counts_octets()
    {
        foreach (var file in (string[])["ca.pem", "me.pem", "me.key"])
        {
            File.WriteAllText(_folder[file], "");
        }

        _folder.Context = _folder.Context with { EnvironmentVariable = name => name == "SYSLOG_KEY" ? "key password" : null };

        var syslog = _folder.Read($"""
            {ConfigurationFolder.Credentials}
            [output_cef]
            use = True
            syslog_use = True
            syslog_host = [2001:db8::1]
            max_eps = 1000
            syslog_transport = TLS
            syslog_framing = rfc5424
            syslog_ca_file = ca.pem
            syslog_client_certificate = me.pem
            syslog_client_certificate_key = me.key
            syslog_client_certificate_password = env:SYSLOG_KEY
            syslog_server_name = siem.example
            syslog_facility = 16
            syslog_severity = 4
            outbox_max_mb = 64
            heartbeat = True
            """).Clean().Outputs[0].Syslog;

        Assert.Equal(
            new SyslogSettings
            {
                Host = "2001:db8::1",
                Port = 6514,
                MaximumEventsPerSecond = 1000,
                Transport = SyslogTransport.Tls,
                Framing = SyslogFraming.Rfc5424,
                TcpFraming = SyslogTcpFraming.OctetCounting,
                AuthorityFile = _folder["ca.pem"],
                ClientCertificate = new ClientCertificateSettings { File = _folder["me.pem"], KeyFile = _folder["me.key"], Password = "key password" },
                ServerName = "siem.example",
                Facility = 16,
                Severity = 4,
                OutboxMaximumMegabytes = 64,
                Heartbeat = true,
            },
            syslog);
        Assert.DoesNotContain("key password", syslog?.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tls", "", nameof(SyslogTcpFraming.OctetCounting))]
    [InlineData("tls", "lf", nameof(SyslogTcpFraming.LineFeed))]
    [InlineData("tls", "octet", nameof(SyslogTcpFraming.OctetCounting))]
    [InlineData("tcp", "", nameof(SyslogTcpFraming.LineFeed))]
    [InlineData("tcp", "octet", nameof(SyslogTcpFraming.OctetCounting))]
    public void The_file_has_the_last_word_on_where_a_message_ends(string transport, string framing, string expected)
    {
        var settings = _folder.Read(
            $"{ConfigurationFolder.Credentials}[output_cef]\nuse = True\nsyslog_use = True\nsyslog_host = siem.example\n" +
            $"syslog_transport = {transport}\nsyslog_tcp_framing = {framing}\n").Clean();

        Assert.Equal(expected, settings.Outputs.Single().Syslog!.TcpFraming.ToString());
    }

    [Theory]
    [InlineData("syslog_port = 65536", "OutOfRange")]
    [InlineData("syslog_port = 0", "OutOfRange")]
    [InlineData("max_eps = 1001", "OutOfRange")]
    [InlineData("syslog_host = udp://siem.example", "NotAHost")]
    [InlineData("syslog_host = siem.example:514", "NotAHost")]
    [InlineData("syslog_host =", "ValueMissing")]
    [InlineData("syslog_transport = dtls", "NotAChoice")]
    [InlineData("syslog_framing = rfc5425", "NotAChoice")]
    [InlineData("syslog_tcp_framing = crlf", "NotAChoice")]
    [InlineData("syslog_facility = 24", "OutOfRange")]
    [InlineData("syslog_severity = 8", "OutOfRange")]
    [InlineData("outbox_max_mb = 0", "OutOfRange")]
    [InlineData("syslog_ca_file = no.pem", "FileOfKeyUnreadable")]
    public void A_wrong_value_of_syslog_is_an_error(string line, string id)
    {
        var key = line[..line.IndexOf(' ', StringComparison.Ordinal)];
        var host = key == "syslog_host" ? string.Empty : "syslog_host = siem.example";

        _folder.Read($"{ConfigurationFolder.Credentials}[output_cef]\nuse = True\nsyslog_use = True\n{line}\n{host}\n")
            .Only(FindingRules.All.Single(rule => rule.Id == id)).IsAt(7, "output_cef", key);
    }

    [Theory]
    [InlineData("", nameof(OutputSource.Api), nameof(StixVersion.Stix111))]
    [InlineData("source = api", nameof(OutputSource.Api), nameof(StixVersion.Stix111))]
    [InlineData("source = local\nversion = 1.1.1", nameof(OutputSource.Local), nameof(StixVersion.Stix111))]
    [InlineData("version = 2.1", nameof(OutputSource.Local), nameof(StixVersion.Stix21))]
    [InlineData("version = 2.1\nsource = local", nameof(OutputSource.Local), nameof(StixVersion.Stix21))]
    public void STIX_21_is_rendered_locally(string lines, string source, string version)
    {
        var output = _folder.Read($"{ConfigurationFolder.Credentials}[output_stix]\nuse = True\n{lines}\n").Clean().Outputs[0];

        Assert.Equal((source, version), (output.Source.ToString(), output.StixVersion.ToString()));
    }

    [Fact]
    public void STIX_21_from_the_API_does_not_exist() =>
        _folder.Read($"{ConfigurationFolder.Credentials}[output_stix]\nuse = True\nversion = 2.1\nsource = api\n").Only(FindingRules.OptionsConflict).IsAt(7, "output_stix", "source");

    [Theory]
    [InlineData("none", TlpLevel.None)]
    [InlineData("CLEAR", TlpLevel.Clear)]
    [InlineData("white", TlpLevel.Clear)]
    [InlineData("amber", TlpLevel.Amber)]
    public void STIX_is_marked_as_told(string word, TlpLevel marking) =>
        Assert.Equal(marking, _folder.Read($"{ConfigurationFolder.Credentials}[output_stix]\nuse = True\ntlp = {word}\n").Clean().Outputs[0].Marking);

    [Fact]
    public void JSON_has_no_source() =>
        _folder.Read($"{ConfigurationFolder.Minimum}source = local\n").Only(FindingRules.UnknownKey).IsAt(7, "integration_raw_json", "source");

    private static void MakeReadOnly(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) & ~(UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite));
        }
    }
}
