using System.Net;
using PhishMe.Cli;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Running.Checking;
using PhishMe.Engine.Tests.Destinations.Syslog;
using PhishMe.Engine.Tests.Network;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Running;

/// <summary>Destinations are checked without writing anything, here or there.</summary>
public sealed class DestinationCheckTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_check_of_files_makes_no_file_and_does_not_even_touch_a_folder()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Stop);
        using var installation = new Installation(simulator).WithAllOutputs().Save();
        Directory.CreateDirectory(installation.FilesPath("json"));
        var seen = Entries(installation);

        (var exitCode, var lines) = await CheckAsync(installation);

        Assert.Equal((int)ExitCode.Done, exitCode);
        Assert.Contains(lines, line => line.StartsWith($"PASS raw_json, append_file_location: {installation.Folder} is writable", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith($"PASS raw_json, multiple_file_location: {installation.FilesPath("json")} is writable", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("PASS raw_stix, append_file_location", StringComparison.Ordinal));
        Assert.Equal(seen, Entries(installation));
    }

    [Fact]
    public async Task A_collector_that_listens_is_connected_to_and_gets_not_a_byte()
    {
        await using var collector = new LoopbackCollector();
        using var installation = new Installation().WithSyslog(collector.Endpoint).Save();

        var results = await CheckDestinationsAsync(installation);

        Assert.Equal(["Address", "Connection"], results.Select(result => result.Subject));
        Assert.All(results, result => Assert.Equal(("syslog@raw_cef", CheckOutcome.Pass, null), (result.Destination, result.Outcome, result.NextStep)));
        Assert.Equal(string.Empty, collector.Received);
        Assert.False(File.Exists(installation.StatePath));
    }

    [Fact]
    public async Task A_collector_that_is_down_fails_the_check_with_the_next_step_and_exit_code_10()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 3 }, Stop);
        var port = Receiver.FreePort(IPAddress.Loopback, datagram: false);
        using var installation = new Installation(simulator).WithSyslog(new SyslogEndpoint { Host = "127.0.0.1", Port = port, Transport = SyslogTransport.Tcp }).Save();

        var failed = Assert.Single(await CheckDestinationsAsync(installation), result => result.Outcome == CheckOutcome.Fail);
        (var exitCode, var lines) = await CheckAsync(installation);

        Assert.Equal(("Connection", Faults.SyslogUnreachable.RecommendedAction), (failed.Subject, failed.NextStep));
        Assert.Equal((int)ExitCode.Configuration, exitCode);
        Assert.Contains(lines, line => line.StartsWith("FAIL syslog@raw_cef, Connection: The collector cannot be reached", StringComparison.Ordinal) && line.Contains("Check syslog_host", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, CheckOutcome.Pass)]
    [InlineData(false, CheckOutcome.Fail)]
    [NotOnWindows("rsyslog and syslog-ng are daemons of Unix.")]
    public async Task A_certificate_is_judged_by_the_authorities_of_the_section(bool trusted, CheckOutcome expected)
    {
        using var certificates = new TestCertificates();
        var receiver = await Receiver.StartAsync("rsyslog", new SyslogEndpoint { Host = "127.0.0.1", Transport = SyslogTransport.Tls }, certificates);
        await using (receiver)
        {
            using var installation = new Installation().WithSyslog(
                receiver.Endpoint, ("syslog_client_certificate", certificates.ClientFile), ("syslog_client_certificate_key", certificates.ClientKeyFile));
            var results = await CheckDestinationsAsync((trusted ? installation.Set("integration_raw_cef", "syslog_ca_file", certificates.AuthorityFile) : installation).Save());

            Assert.Equal(["Address", "Connection", "TLS"], results.Select(result => result.Subject));
            Assert.Equal(expected, results[^1].Outcome);
        }
    }

    [Fact]
    public async Task Udp_passes_with_the_advice_to_send_a_test_event()
    {
        using var installation = new Installation().WithSyslog(new SyslogEndpoint { Host = "127.0.0.1", Port = 9, Transport = SyslogTransport.Udp }).Save();

        var results = await CheckDestinationsAsync(installation);

        Assert.All(results, result => Assert.Equal(CheckOutcome.Pass, result.Outcome));
        Assert.Contains("Send-PhishMeSyslog", results[^1].NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_leads_nowhere_is_said_as_such()
    {
        var check = new SyslogCheck(
            new SyslogEndpoint { Host = "siem.example", Transport = SyslogTransport.Tcp },
            TimeProvider.System,
            (_, _) => Task.FromException<IPAddress[]>(new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound)));

        var result = Assert.Single(await ToListAsync(check.RunAsync(Stop)));

        Assert.Equal(("Address", CheckOutcome.Fail), (result.Subject, result.Outcome));
        Assert.StartsWith("The name of the collector cannot be resolved", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1L << 40, CheckOutcome.Pass, "1024 GiB are free")]
    [InlineData(500L << 20, CheckOutcome.Warn, "500 MiB are free")]
    [InlineData(63L << 20, CheckOutcome.Fail, "only 63 MiB are free")]
    public void Free_space_warns_below_a_gibibyte_and_fails_below_64_mebibytes(long free, CheckOutcome expected, string says)
    {
        using var installation = new Installation();

        var result = PlaceCheck.Run("file", new WrittenPlace("append_file_location", installation.InFolder("all.json")), _ => free);

        Assert.Equal(expected, result.Outcome);
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
        Assert.Equal(expected == CheckOutcome.Pass, result.NextStep is null);
    }

    [Fact]
    public void A_place_that_cannot_be_written_fails_and_stays_as_it_is()
    {
        using var installation = new Installation();
        File.WriteAllText(installation.InFolder("read-only"), "kept");
        File.SetAttributes(installation.InFolder("read-only"), FileAttributes.ReadOnly);

        CheckResult[] results =
        [
            PlaceCheck.Run("file", new WrittenPlace("append_file_location", installation.InFolder("read-only"))),
            PlaceCheck.Run("file", new WrittenPlace("append_file_location", installation.InFolder("no/such/folder/file"))),
            PlaceCheck.Run("file", new WrittenPlace("append_file_location", installation.Folder)),
            PlaceCheck.Run("folder", new WrittenPlace("multiple_file_location", installation.InFolder("read-only"), IsFolder: true)),
        ];

        Assert.All(results, result => Assert.Equal(CheckOutcome.Fail, result.Outcome));
        Assert.Equal(["read-only"], Directory.EnumerateFileSystemEntries(installation.Folder).Select(Path.GetFileName));
        File.SetAttributes(installation.InFolder("read-only"), FileAttributes.Normal);
    }

    [Fact]
    public async Task Only_the_destinations_of_the_names_are_checked_and_one_that_is_not_in_use_is_an_error()
    {
        using var installation = new Installation().WithAllOutputs().Save();

        Assert.Equal(["raw_stix"], (await CheckDestinationsAsync(installation, "raw_st*")).Select(result => result.Destination).Distinct());
        var failure = await Assert.ThrowsAsync<PhishMeException>(() => CheckDestinationsAsync(installation, "raw_json", "splunk"));
        Assert.Equal(Faults.DestinationNotFound, failure.Fault.Kind);
        Assert.Contains("raw_cef, raw_json, raw_stix", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_configuration_that_is_not_valid_the_errors_are_the_results()
    {
        using var installation = new Installation().WithOutput("json").Set("integration_raw_json", "append_file_use", "maybe").Save();

        var result = Assert.Single(await CheckDestinationsAsync(installation));

        Assert.Equal(("Configuration", CheckOutcome.Fail), (result.Subject, result.Outcome));
        var failure = await Assert.ThrowsAsync<PhishMeException>(() => ToListAsync(Engine().CheckDestinationsAsync(installation.InFolder("missing.ini"), [], Stop)));
        Assert.Equal(Faults.ConfigurationNotFound, failure.Fault.Kind);
    }

    private static IIntelligenceEngine Engine() => new EngineFactory().Create(new EngineOptions { Version = "1.0.0" });

    private static Task<List<CheckResult>> CheckDestinationsAsync(Installation installation, params string[] names) =>
        ToListAsync(Engine().CheckDestinationsAsync(installation.ConfigurationPath, names, Stop));

    private static async Task<List<CheckResult>> ToListAsync(IAsyncEnumerable<CheckResult> results)
    {
        var list = new List<CheckResult>();
        await foreach (var result in results)
        {
            list.Add(result);
        }

        return list;
    }

    private static async Task<(int ExitCode, string[] Lines)> CheckAsync(Installation installation)
    {
        using var output = new StringWriter();
        var exitCode = await PhishMeCommand.RunAsync(["check", "-conf", installation.ConfigurationPath], Engine(), output, TextWriter.Null, TextReader.Null);
        return (exitCode, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    /// <summary>Everything in the folder, with the time of its last change: that of a folder moves when a file in it comes or goes.</summary>
    private static List<(string Path, DateTime ChangedAt)> Entries(Installation installation) =>
    [
        .. Directory.EnumerateFileSystemEntries(installation.Folder, "*", SearchOption.AllDirectories).Append(installation.Folder)
            .Order(StringComparer.Ordinal).Select(path => (path, Directory.GetLastWriteTimeUtc(path))),
    ];
}
