using System.Globalization;
using PhishMe.Simulator.Catalog;

namespace PhishMe.Simulator.Rendering;

/// <summary>The parts that packages of both products share. Layout and attribute order are those that the original matches as text.</summary>
internal sealed class StixEnvelope(ThreatKey key, XmlText xml, StixIds ids, string first, string last)
{
    private const string CommonNamespaces =
        "xmlns:stix=\"http://stix.mitre.org/stix-1\" xmlns:stixCommon=\"http://stix.mitre.org/common-1\" xmlns:stixVocabs=\"http://stix.mitre.org/default_vocabularies-1\""
        + " xmlns:indicator=\"http://stix.mitre.org/Indicator-2\" xmlns:ttp=\"http://stix.mitre.org/TTP-1\" xmlns:campaign=\"http://stix.mitre.org/Campaign-1\""
        + " xmlns:cybox=\"http://cybox.mitre.org/cybox-2\" xmlns:cyboxCommon=\"http://cybox.mitre.org/common-2\" xmlns:cyboxVocabs=\"http://cybox.mitre.org/default_vocabularies-2\"";

    public const string CyboxVersion = "cybox_major_version=\"2\" cybox_minor_version=\"1\" cybox_update_version=\"0\"";

    private readonly string _campaign = $"Cofense:Campaign-{ids.Of("package")}";

    public static string Time(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public void Open(string product, string intent, string objectNamespaces)
    {
        xml.Line(0, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        xml.Line(0, $"<stix:STIX_Package {CommonNamespaces} {objectNamespaces} xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
            + $" xmlns:Cofense=\"http://vendor.example/stix\" id=\"Cofense:Package-{ids.Of("package")}\" timestamp=\"{last}\" version=\"1.1.1\">");
        xml.Line(1, "<stix:STIX_Header>");
        xml.Line(2, $"<stix:Title>Cofense {product} ThreatID {key.Id.ToString(CultureInfo.InvariantCulture)}</stix:Title>");
        xml.Line(2, $"<stix:Package_Intent xsi:type=\"stixVocabs:PackageIntentVocab-1.0\">{intent}</stix:Package_Intent>");
        xml.Line(2, "<stix:Information_Source>");
        xml.Line(3, "<stixCommon:Identity><stixCommon:Name>Simulated Intelligence Feed</stixCommon:Name></stixCommon:Identity>");
        xml.Line(3, $"<stixCommon:Time><cyboxCommon:Produced_Time>{last}</cyboxCommon:Produced_Time></stixCommon:Time>");
        xml.Line(2, "</stix:Information_Source>");
        xml.Line(1, "</stix:STIX_Header>");
    }

    public void Indicator(string uuid, string title, string type, string? description, string? ttp, string? impact)
    {
        xml.Line(2, $"<stix:Indicator id=\"Cofense:indicator-{uuid}\" timestamp=\"{first}\" xsi:type=\"indicator:IndicatorType\">");
        xml.Line(3, $"<indicator:Title>{title}</indicator:Title>");
        xml.Line(3, $"<indicator:Type xsi:type=\"stixVocabs:IndicatorTypeVocab-1.1\">{type}</indicator:Type>");
        xml.Line(3, description is null ? "<indicator:Description/>" : $"<indicator:Description>{description}</indicator:Description>");
        xml.Line(3, $"<indicator:Valid_Time_Position><indicator:Start_Time precision=\"second\">{first}</indicator:Start_Time></indicator:Valid_Time_Position>");
        if (ttp is not null)
        {
            xml.Line(3, $"<indicator:Indicated_TTP>{TtpReference(ttp)}</indicator:Indicated_TTP>");
        }

        if (impact is not null)
        {
            xml.Line(3, "<indicator:Likely_Impact><stixCommon:Value xsi:type=\"stixVocabs:ImpactRatingVocab-1.0\">" + impact
                + "</stixCommon:Value></indicator:Likely_Impact>");
        }

        xml.Line(3, $"<indicator:Confidence timestamp=\"{first}\"><stixCommon:Value xsi:type=\"stixVocabs:HighMediumLowVocab-1.0\">High</stixCommon:Value></indicator:Confidence>");
        xml.Line(3, $"<indicator:Related_Campaigns><indicator:Related_Campaign><stixCommon:Campaign idref=\"{_campaign}\" timestamp=\"{first}\"/>"
            + "</indicator:Related_Campaign></indicator:Related_Campaigns>");
        xml.Line(2, "</stix:Indicator>");
    }

    public string TtpReference(string uuid) => $"<stixCommon:TTP idref=\"Cofense:ttp-{uuid}\" timestamp=\"{first}\" xsi:type=\"ttp:TTPType\"/>";

    public void OpenTtp(string uuid, string title)
    {
        xml.Line(2, $"<stix:TTP id=\"Cofense:ttp-{uuid}\" timestamp=\"{first}\" xsi:type=\"ttp:TTPType\">");
        xml.Line(3, $"<ttp:Title>{XmlText.Escape(title)}</ttp:Title>");
    }

    public void Close(string? brands, IEnumerable<string?> references)
    {
        xml.Line(1, "<stix:Campaigns>");
        xml.Line(2, $"<stix:Campaign id=\"{_campaign}\" timestamp=\"{first}\" xsi:type=\"campaign:CampaignType\">");
        xml.Line(3, $"<campaign:Title>{key.Id.ToString(CultureInfo.InvariantCulture)}</campaign:Title>");
        if (brands is not null)
        {
            xml.Line(3, $"<campaign:Description>{XmlText.Escape(brands)}</campaign:Description>");
        }

        // The schema wants URIs here; masked or damaged ones, as in anonymised samples, are left out.
        var links = string.Concat(references.Where(link => Uri.TryCreate(link, UriKind.RelativeOrAbsolute, out _))
            .Select(link => $"<stixCommon:Reference>{XmlText.Escape(link!)}</stixCommon:Reference>"));
        if (links.Length > 0)
        {
            xml.Line(3, $"<campaign:Information_Source><stixCommon:References>{links}</stixCommon:References></campaign:Information_Source>");
        }

        xml.Line(2, "</stix:Campaign>");
        xml.Line(1, "</stix:Campaigns>");
        xml.Line(0, "</stix:STIX_Package>");
    }
}
