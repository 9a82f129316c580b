using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Products;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Destinations.Products;

/// <summary>Keys are part of what customers have in their files: they are spelled as documented, and what is missing is a finding that names it.</summary>
public sealed class ProductKeysTests
{
    public static TheoryData<string, string> Documented => new()
    {
        { "integration_crits", "use ssl_verify host_with_protocol user api_token source minimum_impact bucket_list tlp" },
        { "integration_threatquotient", "use host_with_protocol client_id user pass client_secret source_name tlp status" },
        { "integration_anomali_threatstream", "use host_with_protocol user api_token mode classification itype_mode trusted_circles batch_size ssl_verify" },
        { "integration_phantom", "use host_with_protocol api_token label minimum_impact sensitivity run_automation" },
        {
            "integration_microsoft_sentinel",
            "use tenant_id client_id client_secret client_certificate workspace_id source_system login_host host_with_protocol"
        },
        { "integration_microsoft_defender", "use tenant_id client_id client_secret client_certificate action max_indicators login_host host_with_protocol" },
        { "integration_misp", "use host_with_protocol api_token distribution publish tags" },
        { "integration_elasticsearch", "use host_with_protocol api_key user pass index" },
        { "integration_recorded_future", "use api_token list_name minimum_impact kinds max_entities max_rps collective_insights" },
    };

    public static TheoryData<string, string> Required => new()
    {
        { "integration_crits", "host_with_protocol user api_token source" },
        { "integration_threatquotient", "host_with_protocol client_id client_secret" },
        { "integration_anomali_threatstream", "user api_token" },
        { "integration_phantom", "host_with_protocol api_token" },
        { "integration_recorded_future", "api_token" },
        { "integration_microsoft_sentinel", "tenant_id client_id client_secret workspace_id" },
        { "integration_microsoft_defender", "tenant_id client_id client_secret" },
        { "integration_misp", "host_with_protocol api_token" },
        { "integration_elasticsearch", "host_with_protocol user pass" },
    };

    [Theory]
    [MemberData(nameof(Documented))]
    public void The_keys_are_those_of_the_documentation(string section, string keys) =>
        Assert.All(keys.Split(' '), key => Assert.NotNull(ConfigurationSchema.Of(ProductCatalogue.All).Find(section)?.Find(key)));

    [Theory]
    [MemberData(nameof(Required))]
    public void What_is_missing_is_a_finding_that_names_the_key(string section, string keys)
    {
        using var installation = new Installation().Set(section, "use", "True").Save();
        var complete = keys.Split(' ').Contains("host_with_protocol") ? installation.Set(section, "host_with_protocol", "https://product.example").Save() : installation;

        var reading = ConfigurationReader.Read(complete.ConfigurationPath, new ReadingContext { Products = ProductCatalogue.All });

        Assert.All(keys.Split(' ').Where(key => key != "host_with_protocol"), key =>
            Assert.Contains(reading.Findings, finding => finding.Section == section && finding.Key == key));
    }

    [Fact]
    public void A_kind_that_is_no_entity_is_a_finding()
    {
        using var installation = new Installation()
            .Set("integration_recorded_future", "use", "True").Set("integration_recorded_future", "api_token", "t").Set("integration_recorded_future", "kinds", "ipv4,weather").Save();

        var reading = ConfigurationReader.Read(installation.ConfigurationPath, new ReadingContext { Products = ProductCatalogue.All });

        Assert.Contains(reading.Findings, finding => finding.Key == "kinds" && finding.Message.Contains("weather", StringComparison.Ordinal));
    }
}
