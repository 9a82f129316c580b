using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>[integration_mcafee_siem]: CEF to an Event Receiver (docs/products/mcafee_siem.md).</summary>
internal static class McAfeeSiem
{
    public static IProduct Product { get; } = new SyslogProduct("mcafee_siem", "McAfee SIEM", () => SyslogKeys.OfProduct());
}
