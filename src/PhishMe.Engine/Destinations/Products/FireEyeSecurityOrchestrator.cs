using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>[integration_fireeye_security_orchestrator]: events to a socket adapter (docs/products/fireeye_security_orchestrator.md).</summary>
internal static class FireEyeSecurityOrchestrator
{
    public static IProduct Product { get; } = new SyslogProduct(
        "fireeye_security_orchestrator",
        "FireEye Security Orchestrator",
        () => SyslogKeys.OfProduct("tcp", "rfc5424", mayBeBare: true),
        KnownIn.PowerShell,
        offersJson: true);
}
