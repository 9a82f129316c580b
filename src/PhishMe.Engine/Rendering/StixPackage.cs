using System.Buffers;
using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>The package of one threat: its frame, its indicators and its campaign. The other parts are in files of their own.</summary>
internal sealed partial class StixPackage
{
    private const string Uri = "URI";
    private const string File = "File";
    private const string Observable = "Observable";
    private const string IndicatorIds = "indicator";
    private const string Ttp = "ttp";

    private readonly Threat _threat;
    private readonly StixPackageOptions _options;
    private readonly IBufferWriter<byte> _out;
    private readonly string _key;
    private readonly DateTimeOffset _received;
    private readonly string _published;
    private readonly string _packageUuid;

    // XML Schema demands that no id occurs twice in a package (reference/stix.md §6).
    private readonly HashSet<string> _observables = new(StringComparer.Ordinal);

    public StixPackage(Threat threat, StixPackageOptions options, IBufferWriter<byte> output)
    {
        _threat = threat;
        _options = options;
        _out = output;
        _key = threat.Id.ToString();
        _received = threat.ReceivedAt ?? options.Clock.GetUtcNow();
        _published = Utf8Writing.TimeText(threat.FirstPublished ?? threat.LastPublished ?? _received);
        _packageUuid = Uuid("package");
    }

    private bool IsMalware => _threat.Type == ThreatType.Malware;

    public int Write()
    {
        WriteStart();
        var leftOut = IsMalware ? WriteMalware() : WritePhish();
        WriteCampaign();
        _out.Put("</stix:STIX_Package>\n"u8);
        return leftOut;
    }

    private string Uuid(string part, string? first = null, string? second = null) =>
        NameBasedUuid.Create(string.Join('|', "stix1", _key, part, first, second)).ToString("D");

    private void WriteStart()
    {
        _out.Put("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"u8);
        _out.Put("""<stix:STIX_Package xmlns:stix="http://stix.mitre.org/stix-1" xmlns:stixCommon="http://stix.mitre.org/common-1" xmlns:stixVocabs="http://stix.mitre.org/default_vocabularies-1" xmlns:indicator="http://stix.mitre.org/Indicator-2" xmlns:ttp="http://stix.mitre.org/TTP-1" xmlns:campaign="http://stix.mitre.org/Campaign-1" xmlns:cybox="http://cybox.mitre.org/cybox-2" xmlns:cyboxCommon="http://cybox.mitre.org/common-2" xmlns:cyboxVocabs="http://cybox.mitre.org/default_vocabularies-2" xmlns:URIObj="http://cybox.mitre.org/objects#URIObject-2" xmlns:DomainNameObj="http://cybox.mitre.org/objects#DomainNameObject-1" """u8);
        if (!IsMalware)
        {
            _out.Put("""xmlns:HostnameObj="http://cybox.mitre.org/objects#HostnameObject-1" """u8);
        }

        _out.Put("""xmlns:AddressObj="http://cybox.mitre.org/objects#AddressObject-2" """u8);
        if (!IsMalware)
        {
            _out.Put("""xmlns:ASObj="http://cybox.mitre.org/objects#ASObject-1" """u8);
        }

        _out.Put("""xmlns:FileObj="http://cybox.mitre.org/objects#FileObject-2" """u8);
        if (!IsMalware)
        {
            _out.Put("""xmlns:EmailMessageObj="http://cybox.mitre.org/objects#EmailMessageObject-2" """u8);
        }

        _out.Put("""xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:"""u8);
        _out.Put(_options.Prefix);
        Attribute("="u8, _options.PrefixNamespace);
        _out.Put(" id="u8);
        Id("Package", _packageUuid);
        var produced = Utf8Writing.TimeText(
            _options.ProducedAt ?? _threat.LastPublished ?? _threat.FirstPublished ?? _received);
        Attribute(" timestamp="u8, produced);
        _out.Put(" version=\"1.1.1\">\n <stix:STIX_Header>\n"u8);

        var product = IsMalware ? "Malware" : "Phish";
        Element("  "u8, "stix:Title"u8, string.Create(CultureInfo.InvariantCulture, $"{_options.Prefix} {product} ThreatID {_threat.Id.Number}"));
        _out.Put("\n  <stix:Package_Intent xsi:type=\"stixVocabs:PackageIntentVocab-1.0\">"u8);
        _out.Put(IsMalware ? "Malware Characterization"u8 : "Indicators - Phishing"u8);
        _out.Put("</stix:Package_Intent>\n  <stix:Information_Source>\n   <stixCommon:Identity>"u8);
        Element(default, "stixCommon:Name"u8, _options.InformationSource);
        _out.Put("</stixCommon:Identity>\n   <stixCommon:Time>"u8);
        Element(default, "cyboxCommon:Produced_Time"u8, produced);
        _out.Put("</stixCommon:Time>\n  </stix:Information_Source>\n </stix:STIX_Header>\n"u8);
    }

    private void WriteIndicator(string uuid, string title, string type, string description, List<string> ttps, Impact? impact)
    {
        _out.Put("  <stix:Indicator id="u8);
        Id(IndicatorIds, uuid);
        Attribute(" timestamp="u8, _published);
        _out.Put(" xsi:type=\"indicator:IndicatorType\">\n"u8);
        Element("   "u8, "indicator:Title"u8, title);
        _out.Put("\n   <indicator:Type xsi:type=\"stixVocabs:IndicatorTypeVocab-1.1\">"u8);
        _out.Put(type);
        _out.Put("</indicator:Type>\n"u8);
        if (description.Length == 0)
        {
            _out.Put("   <indicator:Description/>\n"u8);
        }
        else
        {
            Element("   "u8, "indicator:Description"u8, description);
            _out.Put("\n"u8);
        }

        _out.Put("   <indicator:Valid_Time_Position><indicator:Start_Time precision=\"second\">"u8);
        _out.Put(_published);
        _out.Put("</indicator:Start_Time></indicator:Valid_Time_Position>\n"u8);
        foreach (var ttp in ttps)
        {
            _out.Put("   <indicator:Indicated_TTP>"u8);
            TtpReference(ttp);
            _out.Put("</indicator:Indicated_TTP>\n"u8);
        }

        if (impact is { } known)
        {
            // 'Medium' of newer answers is no word of ImpactRatingVocab-1.0; it was read as Moderate (reference/stix.md §6).
            _out.Put("   <indicator:Likely_Impact><stixCommon:Value xsi:type=\"stixVocabs:ImpactRatingVocab-1.0\">"u8);
            _out.Put(known switch { Impact.Major => "Major"u8, Impact.Moderate => "Moderate"u8, Impact.Minor => "Minor"u8, Impact.None => "None"u8 });
            _out.Put("</stixCommon:Value></indicator:Likely_Impact>\n"u8);
        }

        Attribute("   <indicator:Confidence timestamp="u8, _published);
        _out.Put("><stixCommon:Value xsi:type=\"stixVocabs:HighMediumLowVocab-1.0\">High</stixCommon:Value></indicator:Confidence>\n"u8);
        _out.Put("   <indicator:Related_Campaigns><indicator:Related_Campaign><stixCommon:Campaign idref="u8);
        Id("Campaign", _packageUuid);
        Attribute(" timestamp="u8, _published);
        _out.Put("/></indicator:Related_Campaign></indicator:Related_Campaigns>\n  </stix:Indicator>\n"u8);
    }

    private void WriteCampaign()
    {
        // Order and blanks of these attributes, and a third one behind them, are what the original searches for (reference/stix.md §2).
        _out.Put(" <stix:Campaigns>\n  <stix:Campaign id="u8);
        Id("Campaign", _packageUuid);
        Attribute(" timestamp="u8, _published);
        _out.Put(" xsi:type=\"campaign:CampaignType\">\n   <campaign:Title>"u8);
        _out.Put(_threat.Id.Number);
        _out.Put("</campaign:Title>\n"u8);
        if (_threat.Brands.Count > 0)
        {
            Element("   "u8, "campaign:Description"u8, string.Join(", ", _threat.Brands));
            _out.Put("\n"u8);
        }

        var detail = Reference(_threat.ThreatDetailUri);
        var more = Reference(IsMalware
            ? _threat.HasReport ? _threat.ApiReportUri ?? _threat.ReportUri : null
            : _threat.ScreenshotUri);
        if (detail is not null || more is not null)
        {
            _out.Put("   <campaign:Information_Source><stixCommon:References>"u8);
            if (detail is not null)
            {
                Element(default, "stixCommon:Reference"u8, detail);
            }

            if (more is not null)
            {
                Element(default, "stixCommon:Reference"u8, more);
            }

            _out.Put("</stixCommon:References></campaign:Information_Source>\n"u8);
        }

        _out.Put("  </stix:Campaign>\n </stix:Campaigns>\n"u8);
    }

    // xs:anyURI: what is no absolute URI (damaged samples) is left out.
    private static string? Reference(string? text)
    {
        if (text is null || !System.Uri.TryCreate(text, UriKind.Absolute, out var uri))
        {
            return null;
        }

        return text.AsSpan().ContainsAnyExceptInRange('!', '~') ? uri.AbsoluteUri : text;
    }
}
