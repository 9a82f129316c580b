using PhishMe.Simulator.Products;
using static PhishMe.Engine.Tests.Destinations.Products.ThreatDocuments;

namespace PhishMe.Engine.Tests.Destinations.Products;

public sealed class TippingPointTaxiiTests : ProductRunScenarios
{
    private const string Collection = "entries";
    private const string Password = "the-password-of-the-sms-0123456789";

    private readonly TaxiiReceiver _sms = new("taxii2/sms", Collection) { UserAndPassword = $"writer:{Password}", Poison = Poison };

    protected override ISimulatedProduct Product => _sms;

    protected override void MakeReadOnly() => _sms.IsReadOnly = true;

    protected override string Section => "integration_tipping_point_ips";

    protected override (string Key, string Value) Secret => ("pass", Password);

    protected override IEnumerable<(string Key, string Value)> Settings =>
    [
        ("mode", "taxii"), ("api_root", "taxii2/sms"), ("collection", Collection), ("user", "writer"), ("types", "ipv4,ipv6,dns,url"),
        ("impact_major", "True"), ("impact_moderate", "True"), ("impact_minor", "True"),
    ];

    protected override IEnumerable<string> Held => _sms.Live;

    protected override void RaiseMinimum() => Set("impact_minor", "False");

    protected override IEnumerable<string> Expected(string threat, string label, IEnumerable<string> values) => values.Where(value => value != Md5);

    [Fact]
    public async Task Each_object_is_an_indicator_with_one_comparison()
    {
        PublishAll();

        await RunAsync();

        Assert.All(_sms.Of("indicator"), item => Assert.DoesNotContain(" OR ", (string)item["pattern"]!, StringComparison.Ordinal));
        Assert.Empty(_sms.Of("report"));
    }
}
