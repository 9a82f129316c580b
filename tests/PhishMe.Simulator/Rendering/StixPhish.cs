using System.Globalization;
using System.Text.Json;

namespace PhishMe.Simulator.Rendering;

/// <summary>The phish package: observable, object and indicator have UUIDs of their own; there is one TTP.</summary>
internal sealed class StixPhish(XmlText xml, StixIds ids, StixEnvelope envelope)
{
    private const string Namespaces =
        "xmlns:URIObj=\"http://cybox.mitre.org/objects#URIObject-2\" xmlns:DomainNameObj=\"http://cybox.mitre.org/objects#DomainNameObject-1\""
        + " xmlns:HostnameObj=\"http://cybox.mitre.org/objects#HostnameObject-1\" xmlns:AddressObj=\"http://cybox.mitre.org/objects#AddressObject-2\""
        + " xmlns:ASObj=\"http://cybox.mitre.org/objects#ASObject-1\" xmlns:FileObj=\"http://cybox.mitre.org/objects#FileObject-2\""
        + " xmlns:EmailMessageObj=\"http://cybox.mitre.org/objects#EmailMessageObject-2\"";

    private const string Relationship = "<cybox:Relationship xsi:type=\"cyboxVocabs:ObjectRelationshipVocab-1.1\">";

    private readonly List<(string Title, string Type, string? Description, string Content)> _indicators = [];

    public void Write(JsonElement threat)
    {
        // The body is collected first: an empty Observables element would not be valid.
        var observables = new XmlText();
        WriteAddresses(observables, threat);
        WriteUrls(observables, threat);
        WriteComponents(observables, threat);
        WriteKits(observables, threat);

        envelope.Open("Phish", "Indicators - Phishing", Namespaces);
        var body = observables.ToString();
        if (body.Length > 0)
        {
            xml.Line(1, $"<stix:Observables {StixEnvelope.CyboxVersion}>");
            xml.Line(0, body.TrimEnd('\n'));
            xml.Line(1, "</stix:Observables>");
        }

        var ttp = ids.Of("package");
        if (_indicators.Count > 0)
        {
            xml.Line(1, "<stix:Indicators>");
            foreach ((var title, var type, var description, var content) in _indicators)
            {
                envelope.Indicator(ids.Of("indicator " + title, content), title, type, description, ttp, impact: null);
            }

            xml.Line(1, "</stix:Indicators>");
        }

        WriteTtp(threat, ttp);
        var screenshot = threat.Object("screenshot");
        envelope.Close(threat.Brands(), [threat.Text("threatDetailURL"), screenshot?.Object("url_1")?.Text("url") ?? screenshot?.Text("url")]);
    }

    private static string Exactly(string element, string value) => $"<{element} condition=\"Equals\">{XmlText.Escape(value)}</{element}>";

    private static string Extension(JsonElement file)
    {
        var written = file.Text("fileExtension") ?? file.Text("fileNameExtension");
        var name = file.Text("fileName");
        var extension = written ?? (name is null ? "" : Path.GetExtension(name));
        return extension.Length == 0 || extension[0] == '.' ? extension : "." + extension;
    }

    private static string Hashes(JsonElement file, bool withSha1)
    {
        var md5 = Hash("MD5", file.Text("md5"));
        var all = md5 + (withSha1 ? Hash("SHA1", file.Text("sha1")) : "");
        return all.Length == 0 ? "" : $"<FileObj:Hashes>{all}</FileObj:Hashes>";
    }

    private static string Hash(string type, string? value) => value is null
        ? ""
        : $"<cyboxCommon:Hash><cyboxCommon:Type xsi:type=\"cyboxVocabs:HashNameVocab-1.0\">{type}</cyboxCommon:Type>"
            + $"<cyboxCommon:Simple_Hash_Value>{XmlText.Escape(value)}</cyboxCommon:Simple_Hash_Value></cyboxCommon:Hash>";

    private static string Size(JsonElement file, string name, bool condition = false)
    {
        var attribute = condition ? " condition=\"Equals\"" : "";
        return file.Number(name) is { } size
            ? string.Create(CultureInfo.InvariantCulture, $"<FileObj:Size_In_Bytes{attribute}>{size}</FileObj:Size_In_Bytes>")
            : "";
    }

    private void WriteAddresses(XmlText target, JsonElement threat)
    {
        (_, var host, var domain) = threat.Page("phishingURL");
        if (domain is not null)
        {
            Simple(target, "domain", domain, "DomainName", "xsi:type=\"DomainNameObj:DomainNameObjectType\"", "DomainNameObj:Value");
            _indicators.Add(("Phish Domain", "Domain Watchlist", null, domain));
        }

        var addressHost = host is not null && JsonReading.IsIPv4(host);
        if (host is not null && !addressHost)
        {
            Simple(target, "host", host, "Hostname", "xsi:type=\"HostnameObj:HostnameObjectType\"", "HostnameObj:Hostname_Value");
            if (host != domain)
            {
                _indicators.Add(("Phish Domain", "Domain Watchlist", null, host));
            }
        }

        var detail = threat.Object("ipDetail");
        var address = detail?.Text("ip") ?? (addressHost ? host : null);
        if (address is null)
        {
            return;
        }

        target.Line(2, $"<cybox:Observable id=\"Cofense:Observable-{ids.Of("ip observable", address)}\">");
        target.Line(3, $"<cybox:Object id=\"Cofense:Address-{ids.Of("ip", address)}\">");
        target.Line(4, $"<cybox:Properties xsi:type=\"AddressObj:AddressObjectType\">{Exactly("AddressObj:Address_Value", address)}</cybox:Properties>");
        if (detail?.Number("asn") is { } asn)
        {
            var name = detail?.Text("asnOrganization") is { } organization ? Exactly("ASObj:Name", organization) : "";
            target.Line(4, "<cybox:Related_Objects>");
            target.Line(5, $"<cybox:Related_Object id=\"Cofense:AutonomousSystem-{ids.Of("as")}\">");
            target.Line(6, $"<cybox:Properties xsi:type=\"ASObj:ASObjectType\">{Exactly("ASObj:Number", JsonReading.Digits(asn))}{name}</cybox:Properties>");
            target.Line(6, Relationship + "Related_To</cybox:Relationship>");
            target.Line(5, "</cybox:Related_Object>");
            target.Line(4, "</cybox:Related_Objects>");
        }

        target.Line(3, "</cybox:Object>");
        target.Line(2, "</cybox:Observable>");
        _indicators.Add(("Phish IP", "IP Watchlist", null, address));
    }

    private void WriteUrls(XmlText target, JsonElement threat)
    {
        if (threat.Page("phishingURL").Url is { } page)
        {
            Url(target, "Phish URL", page, description: null);
        }

        foreach (var url in threat.Urls("reportedURLs"))
        {
            Url(target, "Reported URL", url, "Reported URL");
        }

        foreach (var url in threat.Urls("actionURLs"))
        {
            Url(target, "Action URL", url, "Action URL");
        }
    }

    private void Url(XmlText target, string title, string url, string? description)
    {
        Simple(target, title, url, "URI", "type=\"URL\" xsi:type=\"URIObj:URIObjectType\"", "URIObj:Value");
        _indicators.Add((title, "URL Watchlist", description, url));
    }

    private void Simple(XmlText target, string kind, string value, string objectName, string attributes, string element)
    {
        target.Line(2, $"<cybox:Observable id=\"Cofense:Observable-{ids.Of(kind + " observable", value)}\">");
        target.Line(3, $"<cybox:Object id=\"Cofense:{objectName}-{ids.Of(kind, value)}\">");
        target.Line(4, $"<cybox:Properties {attributes}>{Exactly(element, value)}</cybox:Properties>");
        target.Line(3, "</cybox:Object>");
        target.Line(2, "</cybox:Observable>");
    }

    private void WriteComponents(XmlText target, JsonElement threat)
    {
        var number = 0;
        foreach (var component in threat.Items("webComponents"))
        {
            var content = JsonReading.Digits(number++);
            var extension = Extension(component);
            target.Line(2, $"<cybox:Observable id=\"Cofense:Observable-{ids.Of("component observable", content)}\">");

            // Not File-: the vendor's own packages name these objects so.
            target.Line(3, $"<cybox:Object id=\"Cofense:Observable-{ids.Of("component", content)}\">");
            target.Line(4, "<cybox:Properties xsi:type=\"FileObj:FileObjectType\">");
            target.Line(5, $"<FileObj:File_Name>{XmlText.Escape(component.Text("fileName") ?? "")}</FileObj:File_Name>");
            if (extension.Length > 0)
            {
                target.Line(5, $"<FileObj:File_Extension>{XmlText.Escape(extension)}</FileObj:File_Extension>");
            }

            Optional(target, 5, Size(component, "size"));
            Optional(target, 5, Hashes(component, withSha1: true));
            target.Line(4, "</cybox:Properties>");
            if (component.Object("resourceURL")?.Text("url") is { } url)
            {
                target.Line(4, "<cybox:Related_Objects>");
                target.Line(5, $"<cybox:Related_Object id=\"Cofense:URI-{ids.Of("component url", content)}\">");
                target.Line(6, $"<cybox:Properties xsi:type=\"URIObj:URIObjectType\">{Exactly("URIObj:Value", url)}</cybox:Properties>");
                target.Line(6, Relationship + "Downloaded_From</cybox:Relationship>");
                target.Line(5, "</cybox:Related_Object>");
                target.Line(4, "</cybox:Related_Objects>");
            }

            target.Line(3, "</cybox:Object>");
            target.Line(2, "</cybox:Observable>");
        }
    }

    private void WriteKits(XmlText target, JsonElement threat)
    {
        var number = 0;
        foreach (var kit in threat.Items("kits"))
        {
            var content = JsonReading.Digits(number++);
            JsonElement[] files = [.. kit.Items("files")];
            target.Line(2, $"<cybox:Observable id=\"Cofense:Observable-{ids.Of("kit observable", content)}\">");
            target.Line(3, "<cybox:Description>Kit archive found on the site</cybox:Description>");
            target.Line(3, $"<cybox:Object id=\"Cofense:File-{ids.Of("kit", content)}\">");
            target.Line(4, "<cybox:Properties xsi:type=\"FileObj:FileObjectType\">");
            Optional(target, 5, Size(kit, "fileSize", condition: true));
            Optional(target, 5, Hashes(kit, withSha1: true));
            target.Line(4, "</cybox:Properties>");
            if (files.Length > 0)
            {
                target.Line(4, "<cybox:Related_Objects>");
                for (var i = 0; i < files.Length; i++)
                {
                    Related(target, ids.Of("kit file", $"{content}/{i}"), files[i], withSize: true, "Contains");
                }

                target.Line(4, "</cybox:Related_Objects>");
            }

            target.Line(3, "</cybox:Object>");
            target.Line(2, "</cybox:Observable>");
            for (var i = 0; i < files.Length; i++)
            {
                WriteMails(target, files[i], $"{content}/{i}");
            }
        }
    }

    private void WriteMails(XmlText target, JsonElement file, string place)
    {
        var number = 0;
        foreach (var mail in file.Items("emails").Concat(file.Items("observedEmails")))
        {
            if (mail.Text("email") is not { } address)
            {
                continue;
            }

            var content = $"{place}/{number++}";
            target.Line(2, $"<cybox:Observable id=\"Cofense:Observable-{ids.Of("mail observable", content)}\">");
            target.Line(3, "<cybox:Title>Kit e-mail address</cybox:Title>");
            target.Line(3, "<cybox:Description>Address written in a kit file</cybox:Description>");
            target.Line(3, $"<cybox:Object id=\"Cofense:EmailMessage-{ids.Of("mail", content)}\">");
            target.Line(4, "<cybox:Properties xsi:type=\"EmailMessageObj:EmailMessageObjectType\">");
            target.Line(5, "<EmailMessageObj:Header><EmailMessageObj:To><EmailMessageObj:Recipient category=\"e-mail\" xsi:type=\"AddressObj:AddressObjectType\">"
                + $"<AddressObj:Address_Value>{XmlText.Escape(address)}</AddressObj:Address_Value></EmailMessageObj:Recipient></EmailMessageObj:To></EmailMessageObj:Header>");
            target.Line(4, "</cybox:Properties>");
            target.Line(4, "<cybox:Related_Objects>");
            Related(target, ids.Of("mail file", content), file, withSize: false, "Contained_Within");
            target.Line(4, "</cybox:Related_Objects>");
            target.Line(3, "</cybox:Object>");
            if (mail.Text("obfuscationType") is { } obfuscation)
            {
                target.Line(3, "<cybox:Pattern_Fidelity><cybox:Evasion_Techniques><cybox:Obfuscation_Technique>"
                    + $"<cybox:Description>{XmlText.Escape(obfuscation)}</cybox:Description></cybox:Obfuscation_Technique></cybox:Evasion_Techniques></cybox:Pattern_Fidelity>");
            }

            target.Line(2, "</cybox:Observable>");
        }
    }

    private static void Related(XmlText target, string uuid, JsonElement file, bool withSize, string relation)
    {
        var extension = Extension(file);
        target.Line(5, $"<cybox:Related_Object id=\"Cofense:File-{uuid}\">");
        target.Line(6, "<cybox:Properties xsi:type=\"FileObj:FileObjectType\">");
        Optional(target, 7, file.Text("fileName") is { } name ? Exactly("FileObj:File_Name", name) : "");
        Optional(target, 7, extension.Length > 0 ? Exactly("FileObj:File_Extension", extension) : "");
        Optional(target, 7, withSize ? Size(file, "size") : "");
        Optional(target, 7, Hashes(file, withSha1: false));
        target.Line(6, "</cybox:Properties>");
        target.Line(6, $"{Relationship}{relation}</cybox:Relationship>");
        target.Line(5, "</cybox:Related_Object>");
    }

    private static void Optional(XmlText target, int indent, string markup)
    {
        if (markup.Length > 0)
        {
            target.Line(indent, markup);
        }
    }

    private void WriteTtp(JsonElement threat, string uuid)
    {
        xml.Line(1, "<stix:TTPs>");
        envelope.OpenTtp(uuid, "Phishing");
        xml.Line(3, "<ttp:Behavior><ttp:Attack_Patterns><ttp:Attack_Pattern capec_id=\"CAPEC-98\"><ttp:Description>Phishing</ttp:Description></ttp:Attack_Pattern>"
            + "</ttp:Attack_Patterns></ttp:Behavior>");
        var personas = string.Concat(threat.Items("brands").Select(brand => brand.Text("text")).Where(text => text is not null and not "None")
            .Select(text => $"<ttp:Persona><stixCommon:Name>{XmlText.Escape(text!)}</stixCommon:Name></ttp:Persona>"));
        if (personas.Length > 0)
        {
            xml.Line(3, $"<ttp:Resources><ttp:Personas>{personas}</ttp:Personas></ttp:Resources>");
        }

        xml.Line(3, "<ttp:Victim_Targeting><ttp:Targeted_Information xsi:type=\"stixVocabs:InformationTypeVocab-1.0\">Information Assets - User Credentials"
            + "</ttp:Targeted_Information></ttp:Victim_Targeting>");
        xml.Line(2, "</stix:TTP>");
        xml.Line(1, "</stix:TTPs>");
    }
}
