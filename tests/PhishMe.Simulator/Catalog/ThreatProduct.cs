namespace PhishMe.Simulator.Catalog;

internal enum ThreatProduct
{
    Malware,
    Phish,
}
