using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <content>The elements of CybOX and XML that both products are made of.</content>
internal sealed partial class StixPackage
{
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
            case IndicatorKind.Md5 or IndicatorKind.Sha1 or IndicatorKind.Sha224 or IndicatorKind.Sha256 or IndicatorKind.Sha384 or IndicatorKind.Sha512
                or IndicatorKind.Ssdeep:
                BeginObject(File, uuid);
                _out.Put("    <cybox:Properties xsi:type=\"FileObj:FileObjectType\">\n"u8);
                WriteHashes(FileHashes.None.With(kind, value), kind, kind, condition: true);
                _out.Put("    "u8);
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
            _out.Put(IndicatorKinds.Of(kind).StixHashName!);
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
