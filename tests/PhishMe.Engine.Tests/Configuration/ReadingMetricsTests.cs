using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Tests.Configuration;

/// <summary>[local_metrics]: where figures go.</summary>
public sealed class ReadingMetricsTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("http://localhost:4318", "http://localhost:4318/v1/metrics")]
    [InlineData("http://localhost:4318/", "http://localhost:4318/v1/metrics")]
    [InlineData("https://otel.example/v1/metrics", "https://otel.example/v1/metrics")]
    [InlineData("https://prometheus.example/api/v1/otlp", "https://prometheus.example/api/v1/otlp/v1/metrics")]
    public void The_path_of_the_signal_is_added(string written, string address)
    {
        var otlp = Read($"otlp_endpoint = {written}").Clean().Metrics.Otlp!;

        Assert.Equal(new Uri(address), otlp.Address);
        Assert.Empty(otlp.Headers);
    }

    [Fact]
    public void Without_an_endpoint_there_is_no_collector() => Assert.Null(Read("textfile = run.prom").Clean().Metrics.Otlp);

    [Theory]
    [InlineData("localhost:4317")]
    [InlineData("grpc://localhost:4317")]
    [InlineData("collector")]
    [InlineData("http://")]
    [InlineData("https://otel.example/?api-key=0123456789")]
    public void What_is_no_address_is_an_error_with_an_example(string written)
    {
        var finding = Read($"otlp_endpoint = {written}").Only(FindingRules.NotAUrl);

        finding.IsAt(8, "local_metrics", "otlp_endpoint");
        Assert.Contains("http://localhost:4318", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_are_read_as_OpenTelemetry_writes_them_and_are_secrets()
    {
        _folder.Context = _folder.Context with { EnvironmentVariable = name => name == "OTLP" ? "api-key=k%3D%25%2C1, Authorization=Basic Zm9vOmJhcg==" : null };

        var settings = Read("otlp_endpoint = https://otel.example\notlp_headers = env:OTLP").Clean();

        Assert.Equal([new("api-key", "k=%,1"), new("Authorization", "Basic Zm9vOmJhcg==")], settings.Metrics.Otlp!.Headers);
        Assert.Equal("********", new PhishMe.Engine.Running.Logging.SecretMask(settings).Hide("Basic Zm9vOmJhcg=="));
        Assert.DoesNotContain("Zm9v", settings.Metrics.Otlp.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hunter2")]
    [InlineData("a b=hunter2")]
    [InlineData("=hunter2")]
    [InlineData("a=hunter2%0D%0AX: y")]
    [InlineData("Content-Type=hunter2")]
    [InlineData("Host=hunter2")]
    public void What_is_no_list_of_headers_is_an_error_that_does_not_show_it(string written)
    {
        var finding = Read($"otlp_endpoint = https://otel.example\notlp_headers = {written}").Single(FindingRules.NotAChoice);

        Assert.DoesNotContain("hunter2", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_in_the_address_are_not_used()
    {
        var reading = Read("otlp_endpoint = https://me:hunter2@otel.example");

        var finding = reading.Single(FindingRules.CredentialsInUrl);
        Assert.DoesNotContain("hunter2", finding.Message, StringComparison.Ordinal);
        Assert.Equal(new Uri("https://otel.example/v1/metrics"), reading.Settings?.Metrics.Otlp?.Address);
    }

    [Theory]
    [InlineData("http://otel.example", true)]
    [InlineData("https://otel.example", false)]
    [InlineData("http://127.0.0.1:4318", false)]
    public void Headers_in_clear_text_are_a_warning(string address, bool isWarned)
    {
        var reading = Read($"otlp_endpoint = {address}\notlp_headers = api-key=hunter2");

        Assert.Equal(isWarned, reading.Findings.Any(finding => finding.Id == FindingRules.ConnectionNotEncrypted.Id));
        Assert.NotNull(reading.Settings);
    }

    [Fact]
    public void Headers_without_a_collector_have_no_effect() =>
        Read("otlp_headers = api-key=hunter2").Only(FindingRules.EntryWithoutEffect).IsAt(8, "local_metrics", "otlp_headers");

    private ConfigurationReading Read(string keys) => _folder.Read($"{ConfigurationFolder.Minimum}[local_metrics]\n{keys}\n");
}
