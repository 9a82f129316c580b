using System.Text.Json;
using PhishMe.Simulator.Catalog;

namespace PhishMe.Simulator.Rendering;

/// <summary>Renders a threat as one STIX 1.1.1 package. Its times are those of the threat, so the same state gives the same bytes.</summary>
internal static class StixRenderer
{
    public static string Render(ThreatRecord threat, ReadOnlyMemory<byte> document)
    {
        using var parsed = JsonDocument.Parse(document);
        var xml = new XmlText();
        var ids = new StixIds(threat.Key);
        var envelope = new StixEnvelope(threat.Key, xml, ids, StixEnvelope.Time(threat.First), StixEnvelope.Time(threat.Last));
        if (threat.Key.Product == ThreatProduct.Malware)
        {
            new StixMalware(xml, ids, envelope).Write(parsed.RootElement);
        }
        else
        {
            new StixPhish(xml, ids, envelope).Write(parsed.RootElement);
        }

        return xml.ToString();
    }
}
