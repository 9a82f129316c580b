using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Configuration;

/// <summary>Files written for the original are understood as they are. These are made after the facts known of them; no line is the
/// vendor's.</summary>
public sealed class OldConfigurationTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_in_the_manner_of_2017_works_unchanged()
    {
        var reading = _folder.Read($"""
            # credentials of the account
            [pm_api]
            base_url:          https://www.threathq.com/apiv1
            user:              {ConfigurationFolder.User}
            pass:              {ConfigurationFolder.Password}
            init_date:         2016-01-01
            position:
            results_per_page:  100
            max_retries:       3

            [pm_jitter]
            use: False
            execution_frequency: 15
            scheduler_offset:

            [pm_product]
            intelligence: True
            brand_intelligence: False

            [pm_format]
            cef: False
            json: True
            stix: False

            [local_proxy]
            use: False
            http:
            https:
            auth_basic_use: False
            auth_basic_user:
            auth_basic_pass:

            [local_file_lock]
            use: True
            lock_file: {_folder["phishme.lock"]}

            [local_log]
            log_level: info
            log_file: {_folder["phishme.log"]}

            [local_sqlite]
            use: False
            db:
            data_deduplication_use:
            data_deduplication_hours:

            [output_cef]
            use: False
            append_file_use: False
            append_file_location:
            multiple_file_use: True
            multiple_file_location:
            multiple_file_split_by_date: True
            max_eps: 500
            syslog_use: False
            syslog_host:
            syslog_port:

            [output_json]
            use: True
            append_file_use: True
            append_file_location: {_folder["threats.json"]}
            multiple_file_use: False
            multiple_file_location:
            multiple_file_split_by_date: True

            [output_stix]
            use: False
            append_file_use: False
            append_file_location:
            multiple_file_use: True
            multiple_file_location:
            multiple_file_split_by_date: True
            """);

        var settings = reading.Clean();
        Assert.Equal([ThreatType.Malware], settings.Products);
        Assert.Equal((90, true), (settings.Api.ExpiredThreatDays, settings.Api.VerifyTls));
        Assert.Equal((_folder["phishme.log"], _folder["phishme.lock"]), (settings.Log.File, settings.LockFile));
        Assert.Equal(
            new OutputSettings { Section = "output_json", Format = OutputFormat.Json, AppendFile = _folder["threats.json"] },
            Assert.Single(settings.Outputs));
    }

    [Fact]
    public void A_file_in_the_manner_of_4_8_0_works_unchanged()
    {
        foreach (var name in (string[])["cef", "json", "stix"])
        {
            Directory.CreateDirectory(_folder[name]);
        }

        var reading = _folder.Read($"""
            [pm_api]
            base_url = https://www.threathq.com/apiv1
            user = {ConfigurationFolder.User}
            pass = {ConfigurationFolder.Password}
            ssl_verify = False
            init_date = 2019-01-01
            position = 0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f
            results_per_page = 100
            max_retries = 3
            expired_threat_days = 90

            [pm_jitter]
            use = True
            execution_frequency = 15
            scheduler_offset = -1

            [pm_product]
            intelligence = True
            brand_intelligence = True

            [pm_format]
            cef = True
            json = True
            stix = True

            [pm_impact]
            use = False
            major = True
            moderate = True
            minor = True
            none = True

            [local_proxy]
            use = False
            http =
            https =
            auth_basic_use = False
            auth_basic_user =
            auth_basic_pass =

            [local_file_lock]
            use = False
            lock_file = /tmp/phishme.lock

            [local_log]
            log_level = info
            log_file = {_folder["phishme.log"]}
            log_name = anything

            [local_sqlite]
            use = False
            db_location =
            data_retention_use = False
            data_retention_days = 30

            [integration_raw_cef]
            use = True
            check_config = True
            append_file_use = False
            append_file_location =
            multiple_file_use = True
            multiple_file_location = {_folder["cef"]}
            multiple_file_split_by_date = True

            [integration_raw_json]
            use = True
            check_config = True
            append_file_use = False
            append_file_location =
            multiple_file_use = True
            multiple_file_location = {_folder["json"]}/
            multiple_file_split_by_date = True

            [integration_raw_stix]
            use = True
            check_config = True
            append_file_use = False
            append_file_location =
            multiple_file_use = True
            multiple_file_location = {_folder["stix"]}
            multiple_file_split_by_date = True

            [integration_logrhythm]
            use = True
            check_config = True
            output_dir = {_folder["logrhythm"]}

            [integration_arcsight]
            use = False
            check_config = True
            host_without_protocol = localhost
            port = 514
            max_eps = 500

            [integration_splunk_intelligence]
            use = False
            """);

        Assert.Equal(
            ["TlsNotVerified", "OffsetNotUsable"],
            reading.Findings.Select(finding => finding.Id));
        var settings = reading.Valid();
        Assert.Equal("0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f", settings.Api.Position);
        Assert.Equal(["raw_cef", "raw_json", "raw_stix", "logrhythm"], settings.ActiveOutputs);
        Assert.Equal([_folder["cef"], _folder["json"], _folder["stix"]], settings.Outputs.Select(output => output.Folder));
        Assert.Null(settings.Jitter.OffsetMinutes);
    }

    [Fact]
    public void A_file_that_the_original_wrote_back_works_too()
    {
        // No comment is left, and it lacks keys that it never needed.
        var settings = _folder.Read($"""
            [pm_api]
            user = {ConfigurationFolder.User}
            pass = {ConfigurationFolder.Password}
            position = 0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f

            [pm_jitter]
            use = True
            execution_frequency = 15
            scheduler_offset = 7

            [integration_raw_json]
            use = True


            """).Clean();

        Assert.Equal(7, settings.Jitter.OffsetMinutes);
    }
}
