using PhishMe.Intelligence;
using PhishMe.Simulator;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

public sealed class TippingPointScenarios : ProductScenarios
{
    private protected override string Section => "integration_tipping_point_ips";

    private protected override ISimulatedProduct Create(string? poison = null) => new TippingPointSms(Secret) { Poison = poison };

    private protected override IReadOnlyList<string> Held(ISimulatedProduct product) => [.. ((TippingPointSms)product).Entries.Keys];

    private protected override IEnumerable<string> Expected(ScenarioThreat threat) => threat.IsPhish
        ? [.. threat.Urls.Select(url => $"url/{url}"), .. threat.Urls.Select(url => $"dns/{new Uri(url).Host}")]
        :
        [
            .. threat.Domains.Select(domain => $"dns/{domain}"),
            .. threat.Addresses.Select(address => $"ipv4/{address}"),
            .. threat.Urls.Select(url => $"url/{url}"),
        ];

    private protected override void RaiseMinimum(Installation installation)
    {
        // The four switches of the original: Major and Moderate by default.
    }

    private protected override void Configure(Installation installation, Uri address, string secret) => installation
        .Set(Section, "use", "True").Set(Section, "host_with_protocol", address.ToString()).Set(Section, "api_key", secret).Set(Section, "types", "ipv4, dns, url");

    /// <summary>T03: addresses and names only, and a store of URLs.</summary>
    [Fact]
    [Trait("Case", "T03")]
    public async Task A_target_that_stays_empty_because_it_has_no_place_for_the_kind_is_a_warning_with_figures()
    {
        await using var scene = await SceneAsync(First with { Domains = [], Addresses = [], Hashes = [] });
        scene.Installation.Set(Section, "types", "ipv4, dns").Save();

        var summary = await scene.RunAsync();

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.Empty(Held(scene.Product));
        var url = Assert.Single(summary.Destinations.Single().Kinds, kind => kind.Kind == IndicatorKind.Url);
        Assert.Equal((1L, 0L, 1L), (url.Offered, url.Delivered, url.NotCarried));
        Assert.Contains(summary.Warnings, warning => warning.Contains("tipping_point_ips: ", StringComparison.Ordinal) && warning.Contains("Url 1", StringComparison.Ordinal));
    }

    /// <summary>T03: refused items count by kind, too.</summary>
    [Fact]
    [Trait("Case", "T03")]
    public async Task The_summary_counts_by_kind_what_was_delivered_and_what_was_refused()
    {
        await using var scene = await SceneAsync(First, Second);
        scene.Server.Always(request => request.RawTarget.Contains("/repEntries/import?type=ipv4", StringComparison.Ordinal) && request.Text.Contains("203.0.113.9", StringComparison.Ordinal)
            ? new ProductAnswer(412, "text/plain", "bad row"u8.ToArray()) : null);

        var summary = await scene.RunAsync();

        var kinds = summary.Destinations.Single().Kinds.ToDictionary(kind => kind.Kind);
        Assert.Equal((2L, 2L, 1L), (kinds[IndicatorKind.IPv4].Offered, kinds[IndicatorKind.IPv4].Delivered, kinds[IndicatorKind.IPv4].Rejected));
        Assert.Equal((4L, 4L, 0L), (kinds[IndicatorKind.Domain].Offered, kinds[IndicatorKind.Domain].Delivered, kinds[IndicatorKind.Domain].Rejected));
        Assert.Equal((1L, 0L, 1L), (kinds[IndicatorKind.Md5].Offered, kinds[IndicatorKind.Md5].Delivered, kinds[IndicatorKind.Md5].NotCarried));
    }
}
