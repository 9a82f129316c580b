using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>The products. A new product is a file beside this one and a line here; the sample has its sections in this order.</summary>
internal static class ProductCatalogue
{
    public static IReadOnlyList<IProduct> All { get; } =
    [
        RawOutput.Cef,
        RawOutput.Json,
        RawOutput.Stix,
        ArcSight.Product,
        McAfeeSiem.Product,
        CarbonBlack.Product,
        new Crits(),
        LogRhythm.Product,
        new TippingPoint(),
        QRadarSiem.Product,
        new ThreatConnect(),
        new SplunkHec(),
        new AnomaliThreatStream(),
        CentripetalNetworks.Product,
        FireEyeSecurityOrchestrator.Product,
        PaloAltoMineMeld.Product,
        new Phantom(),
        new RecordedFuture(),
        new ThreatQuotient(),
        new MicrosoftSentinel(),
        new MicrosoftDefender(),
        new Elasticsearch(),
        new Misp(),
        new MispFeedFolder(),
        new OpenCti(),
        new TaxiiServer(),
        new EclecticIq(),
        new PlannedProducts(),
    ];

    /// <summary>All sections and keys of config.ini.</summary>
    public static SectionCatalogue Schema { get; } = ConfigurationSchema.Of(All);
}
