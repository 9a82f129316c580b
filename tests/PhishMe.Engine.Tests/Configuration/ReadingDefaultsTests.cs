using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Configuration;

public sealed class ReadingDefaultsTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Credentials_and_one_output_are_enough()
    {
        var settings = _folder.Read(ConfigurationFolder.Minimum).Clean();

        Assert.Equal(_folder.File, settings.Path);
        Assert.Equal(new Uri("https://www.threathq.com/apiv1"), settings.Api.BaseUri);
        Assert.Equal((ConfigurationFolder.User, ConfigurationFolder.Password), (settings.Api.User, settings.Api.Password));
        Assert.True(settings.Api.VerifyTls);
        Assert.Null(settings.Api.AuthorityFile);
        Assert.Null(settings.Api.ClientCertificate);
        Assert.Equal(new DateTimeOffset(2016, 1, 1, 0, 0, 0, TimeSpan.Zero), settings.Api.InitialDate);
        Assert.Null(settings.Api.Position);
        Assert.Equal((100, 3, 90), (settings.Api.ResultsPerPage, settings.Api.MaximumTries, settings.Api.ExpiredThreatDays));
        Assert.Equal((16, null, 14), (settings.Api.ConcurrentRequests, settings.Api.RequestsPerSecond, settings.Api.RunTimeoutMinutes));
        Assert.Equal(new JitterSettings { Use = false, FrequencyMinutes = 15 }, settings.Jitter);
        Assert.Equal([ThreatType.Malware, ThreatType.Phish], settings.Products.Order());
        Assert.Null(settings.Proxy);
    }

    [Fact]
    public void Log_lock_and_state_lie_beside_the_file_under_its_name()
    {
        var settings = _folder.Read(ConfigurationFolder.Minimum).Clean();

        Assert.Equal(new LogSettings { File = _folder["config.log"], Level = LogLevel.Info }, settings.Log);
        Assert.Equal(_folder["config.lock"], settings.LockFile);
        Assert.Equal(new StateSettings { File = _folder["config.db"], KeepThreats = false }, settings.State);
    }

    [Fact]
    public void Another_name_of_the_file_gives_other_names_beside_it()
    {
        _folder.Save(ConfigurationFolder.Minimum);
        File.Move(_folder.File, _folder["phish.prod.conf"]);

        var settings = ConfigurationReader.Read(_folder["phish.prod.conf"], _folder.Context).Clean();

        Assert.Equal(_folder["phish.prod.log"], settings.Log.File);
        Assert.Equal(_folder["phish.prod.lock"], settings.LockFile);
        Assert.Equal(_folder["phish.prod.db"], settings.State.File);
    }

    [Fact]
    public void An_output_without_details_writes_one_file_per_threat_beside_the_configuration()
    {
        var settings = _folder.Read(ConfigurationFolder.Minimum).Clean();

        var output = Assert.Single(settings.Outputs);
        Assert.Equal(
            new OutputSettings { Section = "integration_raw_json", Format = OutputFormat.Json, Folder = _folder["json"], SplitByDate = true },
            output);
        Assert.Equal(["raw_json"], settings.ActiveOutputs);
    }

    [Fact]
    public void Relative_paths_start_from_the_folder_of_the_file()
    {
        Directory.CreateDirectory(_folder["logs"]);

        var settings = _folder.Read($"""
            {ConfigurationFolder.Minimum}
            append_file_use = yes
            append_file_location = threats.json
            multiple_file_location = {_folder["absolute"]}
            [local_log]
            log_file = logs/run.log
            log_level = DEBUG
            [local_file_lock]
            use = on
            lock_file = ./run.lock
            [local_sqlite]
            use = 1
            db = logs/../run.db
            data_deduplication_use = True
            data_retention_use = True
            data_retention_days = 30
            """).Clean();

        Assert.Equal(_folder["threats.json"], settings.Outputs[0].AppendFile);
        Assert.Equal(_folder["absolute"], settings.Outputs[0].Folder);
        Assert.Equal(new LogSettings { File = Path.Combine(_folder["logs"], "run.log"), Level = LogLevel.Debug }, settings.Log);
        Assert.Equal(_folder["run.lock"], settings.LockFile);
        Assert.Equal(
            new StateSettings { File = _folder["run.db"], KeepThreats = true, DeduplicationHours = 24, RetentionDays = 30 },
            settings.State);
    }

    [Fact]
    public void Keys_of_DEFAULT_count_in_every_section()
    {
        var settings = _folder.Read($"""
            [DEFAULT]
            results_per_page = 50
            use = True
            {ConfigurationFolder.Credentials}
            [pm_jitter]
            [output_json]
            """).Clean();

        Assert.Equal(50, settings.Api.ResultsPerPage);
        Assert.True(settings.Jitter.Use);
        Assert.Equal("output_json", Assert.Single(settings.Outputs).Section);
    }

    [Theory]
    [InlineData("https://www.threathq.com/apiv1/", "https://www.threathq.com/apiv1")]
    [InlineData("https://www.threathq.com/apiv1//", "https://www.threathq.com/apiv1")]
    [InlineData("http://127.0.0.1:8080/apiv1", "http://127.0.0.1:8080/apiv1")]
    [InlineData("http://localhost/", "http://localhost/")]
    public void The_address_of_the_API_loses_its_trailing_slash(string written, string expected)
    {
        var settings = _folder.Read($"{ConfigurationFolder.Credentials}base_url = {written}\n[output_json]\nuse = True\n").Clean();

        Assert.Equal(expected, settings.Api.BaseUri.AbsoluteUri);
    }

    [Theory]
    [InlineData("critical", nameof(LogLevel.Critical))]
    [InlineData("Error", nameof(LogLevel.Error))]
    [InlineData("WARNING", nameof(LogLevel.Warning))]
    [InlineData("info", nameof(LogLevel.Info))]
    [InlineData("debug", nameof(LogLevel.Debug))]
    public void Log_levels_are_words_in_any_case(string word, string level) =>
        Assert.Equal(level, _folder.Read($"{ConfigurationFolder.Minimum}[local_log]\nlog_level = {word}\n").Clean().Log.Level.ToString());

    [Theory]
    [InlineData("2019-02-28", 2019, 2, 28)]
    [InlineData("2019-2-8", 2019, 2, 8)]
    public void Days_are_midnight_UTC(string written, int year, int month, int day) =>
        Assert.Equal(
            new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero),
            _folder.Read($"{ConfigurationFolder.Credentials}init_date = {written}\n[output_json]\nuse = True\n").Clean().Api.InitialDate);
}
