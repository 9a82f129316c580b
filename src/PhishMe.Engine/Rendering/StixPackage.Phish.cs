using System.Globalization;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <content>What a phishing page consists of: URLs, hosting, components and kits.</content>
internal sealed partial class StixPackage
{
    private int WritePhish()
    {
        var indicators = new List<(string Uuid, string Title, string Type, string Description)>();
        WritePhishObservables(indicators);
        if (_observables.Count > 0)
        {
            _out.Put(" </stix:Observables>\n"u8);
        }

        if (indicators.Count > 0)
        {
            _out.Put(" <stix:Indicators>\n"u8);
            List<string> ttp = [_packageUuid];
            foreach ((var uuid, var title, var type, var description) in indicators)
            {
                WriteIndicator(uuid, title, type, description, ttp, null);
            }

            _out.Put(" </stix:Indicators>\n"u8);
        }

        _out.Put(" <stix:TTPs>\n"u8);
        BeginTtp(_packageUuid, "Phishing");
        _out.Put("   <ttp:Behavior><ttp:Attack_Patterns><ttp:Attack_Pattern capec_id=\"CAPEC-98\"><ttp:Description>Phishing</ttp:Description></ttp:Attack_Pattern></ttp:Attack_Patterns></ttp:Behavior>\n"u8);
        if (_threat.Brands.Count > 0)
        {
            _out.Put("   <ttp:Resources><ttp:Personas>"u8);
            foreach (var brand in _threat.Brands)
            {
                _out.Put("<ttp:Persona>"u8);
                Element(default, "stixCommon:Name"u8, brand);
                _out.Put("</ttp:Persona>"u8);
            }

            _out.Put("</ttp:Personas></ttp:Resources>\n"u8);
        }

        _out.Put("   <ttp:Victim_Targeting><ttp:Targeted_Information xsi:type=\"stixVocabs:InformationTypeVocab-1.0\">Information Assets - User Credentials</ttp:Targeted_Information></ttp:Victim_Targeting>\n  </stix:TTP>\n </stix:TTPs>\n"u8);
        return 0;
    }

    private void WritePhishObservables(List<(string Uuid, string Title, string Type, string Description)> indicators)
    {
        var page = _threat.PhishingUrl;
        var host = page?.Host;
        var hostV4 = IndicatorNormalizer.Normalize(IndicatorKind.IPv4, host);
        var hostV6 = IndicatorNormalizer.Normalize(IndicatorKind.IPv6, host);
        if (page?.Domain is { } domain && BeginPhishObservable("domain", domain))
        {
            WriteValueObject(IndicatorKind.Domain, domain, ObjectUuid("domain", domain));
            EndObservable();
            indicators.Add((Uuid("indicator", "domain", domain), "Phish Domain", "Domain Watchlist", ""));
        }

        if (host is not null && hostV4 is null && hostV6 is null && BeginPhishObservable("host", host))
        {
            BeginObject("Hostname", ObjectUuid("host", host));
            _out.Put("    <cybox:Properties xsi:type=\"HostnameObj:HostnameObjectType\">"u8);
            Conditional("HostnameObj:Hostname_Value"u8, host);
            _out.Put("</cybox:Properties>\n"u8);
            EndObservable();
            indicators.Add((Uuid("indicator", "host", host), "Phish Domain", "Domain Watchlist", ""));
        }

        if ((_threat.IpDetail?.Ip ?? hostV4 ?? hostV6) is { } address && BeginPhishObservable("address", address))
        {
            WriteAddress(address);
            EndObservable();
            indicators.Add((Uuid("indicator", "address", address), "Phish IP", "IP Watchlist", ""));
        }

        if (page is not null)
        {
            WriteUrl("page", page, "Phish URL", "", indicators);
        }

        foreach (var url in _threat.ActionUrls)
        {
            WriteUrl("action", url, "Action URL", "Action URL", indicators);
        }

        foreach (var url in _threat.ReportedUrls)
        {
            WriteUrl("reported", url, "Reported URL", "Reported URL", indicators);
        }

        foreach (var component in _threat.WebComponents)
        {
            WriteComponent(component);
        }

        for (var i = 0; i < _threat.Kits.Count; i++)
        {
            WriteKit(_threat.Kits[i], i);
        }

        foreach (var kit in _threat.Kits)
        {
            foreach (var file in kit.Files)
            {
                foreach (var email in file.Emails)
                {
                    WriteKitEmail(file, email);
                }
            }
        }
    }

    private string ObjectUuid(string part, string value) => Uuid("object", part, value);

    private bool BeginPhishObservable(string part, string value)
    {
        var uuid = Uuid("observable", part, value);
        if (!_observables.Add(uuid))
        {
            return false;
        }

        if (_observables.Count == 1)
        {
            BeginObservables();
        }

        BeginObservable(uuid);
        return true;
    }

    private void WriteAddress(string address)
    {
        BeginObject("Address", ObjectUuid("address", address));

        // No category, as the vendor writes it: the schema's default is ipv4-addr.
        _out.Put(IndicatorNormalizer.Normalize(IndicatorKind.IPv6, address) is null
            ? "    <cybox:Properties xsi:type=\"AddressObj:AddressObjectType\">"u8
            : "    <cybox:Properties category=\"ipv6-addr\" xsi:type=\"AddressObj:AddressObjectType\">"u8);
        Conditional("AddressObj:Address_Value"u8, address);
        _out.Put("</cybox:Properties>\n"u8);
        var detail = _threat.IpDetail;
        if (detail is { Asn: >= 0 and <= uint.MaxValue } or { AsnOrganization: not null })
        {
            BeginRelated("AutonomousSystem", ObjectUuid("as", address));
            _out.Put("      <cybox:Properties xsi:type=\"ASObj:ASObjectType\">"u8);
            if (detail.Asn is { } number and >= 0 and <= uint.MaxValue)
            {
                Conditional("ASObj:Number"u8, number.ToString(CultureInfo.InvariantCulture));
            }

            if (detail.AsnOrganization is { } name)
            {
                Conditional("ASObj:Name"u8, name);
            }

            _out.Put("</cybox:Properties>\n"u8);
            Relationship("Related_To"u8);
            EndRelated();
        }
    }

    private void WriteUrl(
        string part, ThreatUrl url, string title, string description, List<(string Uuid, string Title, string Type, string Description)> indicators)
    {
        if (BeginPhishObservable(part, url.Url))
        {
            WriteValueObject(IndicatorKind.Url, url.Url, ObjectUuid(part, url.Url));
            EndObservable();
            indicators.Add((Uuid("indicator", part, url.Url), title, "URL Watchlist", description));
        }
    }

    private void WriteComponent(WebComponent component)
    {
        var key = $"{component.Url?.Url}|{component.FileName}|{component.Hashes.Md5}";
        if (!BeginPhishObservable("component", key))
        {
            return;
        }

        // The vendor's object ids of web components carry the prefix of observables (reference/stix.md §4).
        BeginObject(Observable, ObjectUuid("component", key));
        _out.Put("    <cybox:Properties xsi:type=\"FileObj:FileObjectType\">\n"u8);
        if (component.FileName is { } name)
        {
            Element("     "u8, "FileObj:File_Name"u8, name);
            _out.Put("\n"u8);
        }

        if (component.FileExtension is { } extension)
        {
            Element("     "u8, "FileObj:File_Extension"u8, extension);
            _out.Put("\n"u8);
        }

        WriteSize("     "u8, component.Size, condition: false);
        WriteHashes(component.Hashes, IndicatorKind.Md5, IndicatorKind.Sha1, condition: false);
        _out.Put("    </cybox:Properties>\n"u8);
        if (component.Url is { } url)
        {
            BeginRelated(Uri, ObjectUuid("componentUrl", key));
            _out.Put("      <cybox:Properties xsi:type=\"URIObj:URIObjectType\">"u8);
            Conditional("URIObj:Value"u8, url.Url);
            _out.Put("</cybox:Properties>\n"u8);
            Relationship("Downloaded_From"u8);
            EndRelated();
        }

        EndObservable();
    }

    private void WriteKit(PhishKit kit, int index)
    {
        var key = $"{kit.Name}|{kit.Hashes.Md5}|{kit.Hashes.Sha1}|{kit.Hashes.Sha256}";
        if (!BeginPhishObservable("kit", key))
        {
            // Two kits without anything to tell them apart may still hold different files.
            key = string.Create(CultureInfo.InvariantCulture, $"{key}|{index}");
            BeginPhishObservable("kit", key);
        }

        WriteDescription("Kit archive found on the site");
        BeginObject(File, ObjectUuid("kit", key));
        _out.Put("    <cybox:Properties xsi:type=\"FileObj:FileObjectType\">\n"u8);
        WriteSize("     "u8, kit.Size, condition: true);
        WriteHashes(kit.Hashes, IndicatorKind.Md5, IndicatorKind.Sha1, condition: false);
        _out.Put("    </cybox:Properties>\n"u8);
        if (kit.Files.Count > 0)
        {
            _out.Put("    <cybox:Related_Objects>\n"u8);
            for (var i = 0; i < kit.Files.Count; i++)
            {
                var file = kit.Files[i];
                _out.Put("     <cybox:Related_Object id="u8);
                Id(File, Uuid("kitFile", key, string.Create(CultureInfo.InvariantCulture, $"{i}|{file.Path ?? file.FileName}")));
                _out.Put(">\n"u8);
                WriteKitFile(file, withSize: true);
                Relationship("Contains"u8);
                _out.Put("     </cybox:Related_Object>\n"u8);
            }

            _out.Put("    </cybox:Related_Objects>\n"u8);
        }

        EndObservable();
    }

    private void WriteKitFile(KitFile file, bool withSize)
    {
        _out.Put("      <cybox:Properties xsi:type=\"FileObj:FileObjectType\">\n"u8);
        Property("       "u8, "FileObj:File_Name"u8, file.FileName);
        var dot = file.FileName?.LastIndexOf('.') ?? -1;
        if (dot >= 0 && dot < file.FileName!.Length - 1)
        {
            Property("       "u8, "FileObj:File_Extension"u8, file.FileName[dot..]);
        }

        if (withSize)
        {
            WriteSize("       "u8, file.Size, condition: false);
        }

        WriteHashes(file.Hashes, IndicatorKind.Md5, IndicatorKind.Md5, condition: false);
        _out.Put("      </cybox:Properties>\n"u8);
    }

    private void WriteKitEmail(KitFile file, KitEmail email)
    {
        var key = $"{file.Path}|{file.FileName}|{file.Hashes.Md5}|{email.Address}|{email.Obfuscation}";
        var uuid = Uuid("observable", "email", key);
        if (!_observables.Add(uuid))
        {
            return;
        }

        BeginObservable(uuid);
        _out.Put("   <cybox:Title>Kit e-mail address</cybox:Title>\n"u8);
        WriteDescription("Address written in a kit file");
        BeginObject("EmailMessage", ObjectUuid("email", key));
        _out.Put("    <cybox:Properties xsi:type=\"EmailMessageObj:EmailMessageObjectType\">\n     <EmailMessageObj:Header><EmailMessageObj:To><EmailMessageObj:Recipient category=\"e-mail\" xsi:type=\"AddressObj:AddressObjectType\">"u8);
        Element(default, "AddressObj:Address_Value"u8, email.Address);
        _out.Put("</EmailMessageObj:Recipient></EmailMessageObj:To></EmailMessageObj:Header>\n    </cybox:Properties>\n"u8);
        BeginRelated(File, ObjectUuid("emailFile", key));
        WriteKitFile(file, withSize: false);
        Relationship("Contained_Within"u8);
        EndRelated();
        _out.Put("   </cybox:Object>\n"u8);
        if (email.Obfuscation is { } obfuscation)
        {
            _out.Put("   <cybox:Pattern_Fidelity><cybox:Evasion_Techniques><cybox:Obfuscation_Technique>"u8);
            Element(default, "cybox:Description"u8, obfuscation);
            _out.Put("</cybox:Obfuscation_Technique></cybox:Evasion_Techniques></cybox:Pattern_Fidelity>\n"u8);
        }

        _out.Put("  </cybox:Observable>\n"u8);
    }
}
