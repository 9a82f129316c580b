using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>The products. A new product is a file beside this one and a line here. In the sample a section keeps the place it has in <see cref="PlannedProducts"/>.</summary>
internal static class ProductCatalogue
{
    public static IReadOnlyList<IProduct> All { get; } =
    [
        RawOutput.Cef,
        RawOutput.Json,
        RawOutput.Stix,
        new SplunkHec(),
        new AnomaliThreatStream(),
        new Crits(),
        new Phantom(),
        new RecordedFuture(),
        new ThreatQuotient(),
        new TippingPoint(),
        new ThreatConnect(),
        new Elasticsearch(),
        new Misp(),
        ArcSight.Product,
        McAfeeSiem.Product,
        FireEyeSecurityOrchestrator.Product,
        CarbonBlack.Product,
        LogRhythm.Product,
        CentripetalNetworks.Product,
        PaloAltoMineMeld.Product,
        QRadarSiem.Product,
        new PlannedProducts(),
    ];

    /// <summary>All sections and keys of config.ini.</summary>
    public static SectionCatalogue Schema { get; } = ConfigurationSchema.Of(All);
}
