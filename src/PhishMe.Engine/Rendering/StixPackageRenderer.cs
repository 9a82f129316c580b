using System.Buffers;
using System.Globalization;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// Writes a threat as a STIX 1.1.1 package in the layout of the API (reference/stix.md §3 to §5), valid against the STIX 1.1.1 and CybOX
/// 2.1 schemas, one element per id, with the single-line strings the original integration searches for. Ids are name-based: the same threat
/// gives the same bytes.
/// </summary>
public sealed class StixPackageRenderer
{
    private readonly StixPackageOptions _options;

    /// <summary>Creates the renderer.</summary>
    /// <param name="options">What may differ; null for the defaults.</param>
    public StixPackageRenderer(StixPackageOptions? options = null)
    {
        _options = options ?? new StixPackageOptions();
    }

    /// <summary>Writes the package; ends with LF.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="output">Takes the UTF-8 bytes.</param>
    /// <returns>The number of watch-list entries of kinds STIX has no object for, which are left out.</returns>
    public int Render(Threat threat, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threat);
        ArgumentNullException.ThrowIfNull(output);
        var package = new Package(threat, _options, output);
        return package.Write();
    }

    private sealed class Package
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
        private readonly string _published;
        private readonly string _packageUuid;

        // XML Schema demands that no id occurs twice in a package (reference/stix.md §6).
        private readonly HashSet<string> _observables = new(StringComparer.Ordinal);

        public Package(Threat threat, StixPackageOptions options, IBufferWriter<byte> output)
        {
            _threat = threat;
            _options = options;
            _out = output;
            _key = threat.Id.ToString();
            _published = Utf8Writing.TimeText(threat.FirstPublished ?? threat.LastPublished ?? DateTimeOffset.UnixEpoch);
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
                _options.ProducedAt ?? _threat.LastPublished ?? _threat.FirstPublished ?? DateTimeOffset.UnixEpoch);
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

        private int WriteMalware()
        {
            var leftOut = 0;
            var entries = new List<Entry>();
            var byKey = new Dictionary<string, Entry>(StringComparer.Ordinal);
            foreach (var indicator in _threat.Indicators)
            {
                if (indicator.Source != IndicatorSource.WatchList)
                {
                    continue;
                }

                if (indicator.Kind == IndicatorKind.Unknown)
                {
                    leftOut++;
                    continue;
                }

                var key = $"{indicator.Kind}|{indicator.Value}";
                if (!byKey.TryGetValue(key, out var entry))
                {
                    entry = new Entry(Uuid("watch", key)) { Kind = indicator.Kind, Value = indicator.Value };
                    byKey.Add(key, entry);
                    entries.Add(entry);
                }

                entry.Impact = indicator.Impact is { } impact && (entry.Impact is null || impact > entry.Impact) ? impact : entry.Impact;
                AddOnce(entry.Families, FamilyOf(indicator.Family, indicator.DeliveryMechanism));
                if (indicator.Role is { } role && !entry.Roles.Contains((role, indicator.RoleDescription)))
                {
                    entry.Roles.Add((role, indicator.RoleDescription));
                }
            }

            foreach (var file in _threat.Files)
            {
                var key = $"file|{file.FileName}|{file.Hashes.Md5}|{file.Hashes.Sha256}|{file.Hashes.Sha1}|{file.Hashes.Sha512}";
                if (!byKey.TryGetValue(key, out var entry))
                {
                    entry = new Entry(Uuid("file", key)) { File = file, Value = "" };
                    byKey.Add(key, entry);
                    entries.Add(entry);
                }

                AddOnce(entry.Families, FamilyOf(file.Family, file.DeliveryMechanism));
            }

            WriteMalwareObservables(entries);
            WriteMalwareIndicators(entries);
            WriteFamilies(entries);
            return leftOut;
        }

        // The vendor's packages tie delivery infrastructure to the family it delivers (reference/stix.md §5.1); the mechanism is the last
        // resort.
        private string? FamilyOf(string? family, string? mechanism) =>
            family ?? (_threat.Families.Count > 0 ? _threat.Families[0] : mechanism);

        private void WriteMalwareObservables(List<Entry> entries)
        {
            if (entries.Count == 0)
            {
                return;
            }

            BeginObservables();
            foreach (var entry in entries)
            {
                BeginObservable(entry.Uuid);
                if (entry.File is { } file)
                {
                    WriteDescription(file.Type);
                    BeginObject(File, entry.Uuid);
                    _out.Put("    <cybox:Properties xsi:type=\"FileObj:FileObjectType\">\n"u8);
                    Property("     "u8, "FileObj:File_Name"u8, file.FileName);
                    Property("     "u8, "FileObj:File_Extension"u8, file.FileExtension);
                    WriteHashes(file.Hashes, IndicatorKind.Md5, IndicatorKind.Ssdeep, condition: true);
                    _out.Put("    </cybox:Properties>\n"u8);
                }
                else
                {
                    WriteValueObject(entry.Kind, entry.Value, entry.Uuid);
                }

                EndObservable();
            }

            _out.Put(" </stix:Observables>\n"u8);
        }

        private void WriteValueObject(IndicatorKind kind, string value, string uuid)
        {
            switch (kind)
            {
                case IndicatorKind.Url:
                    BeginObject(Uri, uuid);
                    _out.Put("    <cybox:Properties type=\"URL\" xsi:type=\"URIObj:URIObjectType\">"u8);
                    Conditional("URIObj:Value"u8, value);
                    break;
                case IndicatorKind.Domain:
                    BeginObject("DomainName", uuid);
                    _out.Put("    <cybox:Properties xsi:type=\"DomainNameObj:DomainNameObjectType\">"u8);
                    Conditional("DomainNameObj:Value"u8, value);
                    break;
                default:
                    BeginObject("Address", uuid);
                    _out.Put("    <cybox:Properties category=\""u8);
                    _out.Put(kind switch { IndicatorKind.IPv4 => "ipv4-addr"u8, IndicatorKind.IPv6 => "ipv6-addr"u8, _ => "e-mail"u8 });
                    _out.Put("\" xsi:type=\"AddressObj:AddressObjectType\">"u8);
                    Conditional("AddressObj:Address_Value"u8, value);
                    break;
            }

            _out.Put("</cybox:Properties>\n"u8);
        }

        private void WriteMalwareIndicators(List<Entry> entries)
        {
            if (entries.Count == 0)
            {
                return;
            }

            _out.Put(" <stix:Indicators>\n"u8);
            foreach (var entry in entries)
            {
                (var title, var type) = entry.File is not null
                    ? ("File associated with malware infection", "File Hash Watchlist")
                    : entry.Kind switch
                    {
                        IndicatorKind.Url => ("Watchlist URL", "URL Watchlist"),
                        IndicatorKind.Domain => ("Watchlist Domain", "Domain Watchlist"),
                        IndicatorKind.IPv4 => ("Watchlist IPv4", "IP Watchlist"),
                        IndicatorKind.IPv6 => ("Watchlist IPv6", "IP Watchlist"),
                        _ => ("Watchlist Email", "Malicious E-mail"),
                    };
                WriteIndicator(entry.Uuid, title, type, title, entry.Families.ConvertAll(FamilyUuid), entry.File is null ? entry.Impact : null);
            }

            _out.Put(" </stix:Indicators>\n"u8);
        }

        private string FamilyUuid(string family) => Uuid("family", family);

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
                _out.Put(known switch { Impact.Major => "Major"u8, Impact.Moderate => "Moderate"u8, Impact.Minor => "Minor"u8, _ => "None"u8 });
                _out.Put("</stixCommon:Value></indicator:Likely_Impact>\n"u8);
            }

            Attribute("   <indicator:Confidence timestamp="u8, _published);
            _out.Put("><stixCommon:Value xsi:type=\"stixVocabs:HighMediumLowVocab-1.0\">High</stixCommon:Value></indicator:Confidence>\n"u8);
            _out.Put("   <indicator:Related_Campaigns><indicator:Related_Campaign><stixCommon:Campaign idref="u8);
            Id("Campaign", _packageUuid);
            Attribute(" timestamp="u8, _published);
            _out.Put("/></indicator:Related_Campaign></indicator:Related_Campaigns>\n  </stix:Indicator>\n"u8);
        }

        private void WriteFamilies(List<Entry> entries)
        {
            var families = new List<string>(_threat.Families);
            var roles = new List<Role>();
            foreach (var entry in entries)
            {
                foreach (var family in entry.Families)
                {
                    AddOnce(families, family);
                }

                foreach ((var name, var description) in entry.Roles)
                {
                    var role = roles.Find(known => known.Name == name);
                    if (role is null)
                    {
                        role = new Role(name, Uuid("role", name)) { Description = description };
                        roles.Add(role);
                    }

                    role.Description ??= description;
                    role.Observables.Add(entry.Uuid);
                    foreach (var family in entry.Families)
                    {
                        AddOnce(role.Families, family);
                    }
                }
            }

            if (families.Count == 0 && roles.Count == 0)
            {
                return;
            }

            _out.Put(" <stix:TTPs>\n"u8);
            foreach (var family in families)
            {
                BeginTtp(FamilyUuid(family), family);
                _out.Put("   <ttp:Behavior><ttp:Malware><ttp:Malware_Instance>"u8);
                Element(default, "ttp:Name"u8, family);
                if (_threat.Descriptions.TryGetValue(family, out var description) && description.Length > 0)
                {
                    Element(default, "ttp:Description"u8, description);
                }

                _out.Put("</ttp:Malware_Instance></ttp:Malware></ttp:Behavior>\n"u8);
                WriteRelated("Uses infrastructure"u8, roles.FindAll(role => role.Families.Contains(family)).ConvertAll(role => role.Uuid));
                _out.Put("  </stix:TTP>\n"u8);
            }

            foreach (var role in roles)
            {
                BeginTtp(role.Uuid, "Infrastructure Type");
                _out.Put("   <ttp:Resources><ttp:Infrastructure>"u8);
                Element(default, "ttp:Type"u8, role.Name);
                if (role.Description is { } description)
                {
                    Element(default, "ttp:Description"u8, description);
                }

                _out.Put("\n    <ttp:Observable_Characterization cybox_major_version=\"2\" cybox_minor_version=\"1\" cybox_update_version=\"0\">"u8);
                foreach (var uuid in role.Observables)
                {
                    _out.Put("<cybox:Observable idref="u8);
                    Id(Observable, uuid);
                    _out.Put("/>"u8);
                }

                _out.Put("</ttp:Observable_Characterization>\n   </ttp:Infrastructure></ttp:Resources>\n"u8);
                WriteRelated("Infrastructure for"u8, role.Families.ConvertAll(FamilyUuid));
                _out.Put("  </stix:TTP>\n"u8);
            }

            _out.Put(" </stix:TTPs>\n"u8);
        }

        private void WriteRelated(ReadOnlySpan<byte> relationship, List<string> ttps)
        {
            if (ttps.Count == 0)
            {
                return;
            }

            _out.Put("   <ttp:Related_TTPs>"u8);
            foreach (var ttp in ttps)
            {
                _out.Put("<ttp:Related_TTP><stixCommon:Relationship>"u8);
                _out.Put(relationship);
                _out.Put("</stixCommon:Relationship>"u8);
                TtpReference(ttp);
                _out.Put("</ttp:Related_TTP>"u8);
            }

            _out.Put("</ttp:Related_TTPs>\n"u8);
        }

        private void BeginTtp(string uuid, string title)
        {
            _out.Put("  <stix:TTP id="u8);
            Id(Ttp, uuid);
            Attribute(" timestamp="u8, _published);
            _out.Put(" xsi:type=\"ttp:TTPType\">\n"u8);
            Element("   "u8, "ttp:Title"u8, title);
            _out.Put("\n"u8);
        }

        private void TtpReference(string uuid)
        {
            _out.Put("<stixCommon:TTP idref="u8);
            Id(Ttp, uuid);
            Attribute(" timestamp="u8, _published);
            _out.Put(" xsi:type=\"ttp:TTPType\"/>"u8);
        }

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

        private void BeginObservables() =>
            _out.Put(" <stix:Observables cybox_major_version=\"2\" cybox_minor_version=\"1\" cybox_update_version=\"0\">\n"u8);

        private void BeginObservable(string uuid)
        {
            _out.Put("  <cybox:Observable id="u8);
            Id(Observable, uuid);
            _out.Put(">\n"u8);
        }

        private void EndObservable() => _out.Put("   </cybox:Object>\n  </cybox:Observable>\n"u8);

        private void WriteDescription(string? text)
        {
            if (text is not null)
            {
                Element("   "u8, "cybox:Description"u8, text);
                _out.Put("\n"u8);
            }
        }

        private void BeginObject(string kind, string uuid)
        {
            _out.Put("   <cybox:Object id="u8);
            Id(kind, uuid);
            _out.Put(">\n"u8);
        }

        private void BeginRelated(string kind, string uuid)
        {
            _out.Put("    <cybox:Related_Objects>\n     <cybox:Related_Object id="u8);
            Id(kind, uuid);
            _out.Put(">\n"u8);
        }

        private void EndRelated() => _out.Put("     </cybox:Related_Object>\n    </cybox:Related_Objects>\n"u8);

        private void Relationship(ReadOnlySpan<byte> word)
        {
            _out.Put("      <cybox:Relationship xsi:type=\"cyboxVocabs:ObjectRelationshipVocab-1.1\">"u8);
            _out.Put(word);
            _out.Put("</cybox:Relationship>\n"u8);
        }

        private void WriteSize(ReadOnlySpan<byte> indent, long? size, bool condition)
        {
            if (size is { } bytes and >= 0)
            {
                _out.Put(indent);
                _out.Put(condition ? "<FileObj:Size_In_Bytes condition=\"Equals\">"u8 : "<FileObj:Size_In_Bytes>"u8);
                _out.Put(bytes);
                _out.Put("</FileObj:Size_In_Bytes>\n"u8);
            }
        }

        // Only well-formed hashes: the schema wants hex.
        private void WriteHashes(FileHashes hashes, IndicatorKind from, IndicatorKind to, bool condition)
        {
            var begun = false;
            for (var kind = from; kind <= to; kind++)
            {
                if (IndicatorNormalizer.Normalize(kind, hashes[kind]) is not { } value)
                {
                    continue;
                }

                _out.Put(begun ? default : "     <FileObj:Hashes>"u8);
                begun = true;
                _out.Put(condition
                    ? "<cyboxCommon:Hash><cyboxCommon:Type condition=\"Equals\" xsi:type=\"cyboxVocabs:HashNameVocab-1.0\">"u8
                    : "<cyboxCommon:Hash><cyboxCommon:Type xsi:type=\"cyboxVocabs:HashNameVocab-1.0\">"u8);
                _out.Put(kind switch
                {
                    IndicatorKind.Md5 => "MD5"u8,
                    IndicatorKind.Sha1 => "SHA1"u8,
                    IndicatorKind.Sha224 => "SHA224"u8,
                    IndicatorKind.Sha256 => "SHA256"u8,
                    IndicatorKind.Sha384 => "SHA384"u8,
                    IndicatorKind.Sha512 => "SHA512"u8,
                    _ => "SSDEEP"u8,
                });
                var element = kind == IndicatorKind.Ssdeep ? "cyboxCommon:Fuzzy_Hash_Value"u8 : "cyboxCommon:Simple_Hash_Value"u8;
                _out.Put("</cyboxCommon:Type>"u8);
                if (condition)
                {
                    Conditional(element, value);
                }
                else
                {
                    Element(default, element, value);
                }

                _out.Put("</cyboxCommon:Hash>"u8);
            }

            _out.Put(begun ? "</FileObj:Hashes>\n"u8 : default);
        }

        private void Property(ReadOnlySpan<byte> indent, ReadOnlySpan<byte> name, string? value)
        {
            if (value is not null)
            {
                _out.Put(indent);
                Conditional(name, value);
                _out.Put("\n"u8);
            }
        }

        private void Conditional(ReadOnlySpan<byte> name, string value)
        {
            _out.Put("<"u8);
            _out.Put(name);
            _out.Put(" condition=\"Equals\">"u8);
            XmlText.Put(_out, value);
            EndElement(name);
        }

        private void Element(ReadOnlySpan<byte> indent, ReadOnlySpan<byte> name, string value)
        {
            _out.Put(indent);
            _out.Put("<"u8);
            _out.Put(name);
            _out.Put(">"u8);
            XmlText.Put(_out, value);
            EndElement(name);
        }

        private void EndElement(ReadOnlySpan<byte> name)
        {
            _out.Put("</"u8);
            _out.Put(name);
            _out.Put(">"u8);
        }

        private void Attribute(ReadOnlySpan<byte> nameAndEquals, string value)
        {
            _out.Put(nameAndEquals);
            _out.Put("\""u8);
            XmlText.Put(_out, value);
            _out.Put("\""u8);
        }

        private void Id(string kind, string uuid)
        {
            _out.Put("\""u8);
            _out.Put(_options.Prefix);
            _out.Put(":"u8);
            _out.Put(kind);
            _out.Put("-"u8);
            _out.Put(uuid);
            _out.Put("\""u8);
        }

        private static void AddOnce(List<string> list, string? value)
        {
            if (value is not null && !list.Contains(value))
            {
                list.Add(value);
            }
        }
    }

    private sealed class Entry(string uuid)
    {
        public string Uuid { get; } = uuid;

        public IndicatorKind Kind { get; init; }

        public required string Value { get; init; }

        public ThreatFile? File { get; init; }

        public Impact? Impact { get; set; }

        public List<string> Families { get; } = [];

        public List<(string Name, string? Description)> Roles { get; } = [];
    }

    private sealed class Role(string name, string uuid)
    {
        public string Name { get; } = name;

        public string Uuid { get; } = uuid;

        public string? Description { get; set; }

        public List<string> Observables { get; } = [];

        public List<string> Families { get; } = [];
    }
}
