using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>[integration_arcsight]: CEF to a SmartConnector (docs/products/arcsight.md).</summary>
internal static class ArcSight
{
    public static IProduct Product { get; } = new SyslogProduct("arcsight", "ArcSight", () => SyslogKeys.OfProduct());
}
