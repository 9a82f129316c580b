using System.Globalization;
using System.Text.Json;
using PhishMe.Simulator.Catalog;

namespace PhishMe.Simulator.Generation;

/// <summary>
/// Writes one phish threat. Eras: 1 = plain lists without <c>_1</c> twins, 2 = both forms, 3 = kits with <c>observedEmails</c>, 4 = kits with
/// <c>emails</c>, 5 = URLs with severities.
/// </summary>
internal sealed class PhishDocument
{
    private const string Portal = "https://www.threathq.com";
    private const int MainStream = 4;
    private const int ComponentsStream = 5;
    private const int KitsStream = 6;
    private const int ReportedStream = 1000;

    private static readonly int[] Eras = [5, 4, 3, 2, 1, 5, 4, 5, 4, 5];

    private readonly Utf8JsonWriter _writer;
    private readonly int _seed;
    private readonly ThreatRecord _threat;
    private readonly int _ordinal;
    private readonly int _era;
    private SplitMix _random;

    public PhishDocument(Utf8JsonWriter writer, int seed, ThreatRecord threat, int ordinal)
    {
        _writer = writer;
        _seed = seed;
        _threat = threat;
        _ordinal = ordinal;
        _era = Eras[ordinal % Eras.Length];
        _random = new SplitMix(seed, threat.Index, MainStream);
    }

    private bool Plain => _era == 1;

    public void Write()
    {
        var id = _threat.Key.Id.ToString(CultureInfo.InvariantCulture);
        var page = GeneratedUrl.Draw(ref _random, addressHost: _ordinal % 6 == 1);

        _writer.WriteStartObject();
        _writer.WriteNumber("id"u8, _threat.Key.Id);
        _writer.WriteString("threatType"u8, "PHISH"u8);
        WriteBrands();
        DocumentParts.Feeds(_writer);
        _writer.WriteNumber("confirmedDate"u8, _threat.First + 129_680);
        _writer.WriteNumber("firstDate"u8, _threat.First);
        _writer.WriteNumber("lastDate"u8, _threat.Last);
        if (!Plain)
        {
            _writer.WriteString("isConfirmedPhishingWebsite"u8, _ordinal % 40 == 7 ? "NO"u8 : "YES"u8);
        }

        _writer.WriteString("processingState"u8, "ANALYZED"u8);
        _writer.WriteString("phishingURL"u8, page.Url);
        if (!Plain)
        {
            _writer.WritePropertyName("phishingURL_1"u8);
            DocumentParts.Url(_writer, page, severity: _era == 5 ? _random.Pick<string>(Vocabulary.Impacts) : null);
        }

        WriteReported(page);
        WriteActions(page);
        if (_ordinal % 7 != 3)
        {
            _writer.WriteString("title"u8, _random.Below(4) switch
            {
                0 => "Example Bank – Sign in",
                1 => "ログイン | 例示銀行",
                2 => "  Office & <Login>  ",
                _ => "Connexion sécurisée",
            });
        }

        if (_era >= 2 && _ordinal % 5 != 4)
        {
            _writer.WriteStartObject("language"u8);
            DocumentParts.Language(_writer, _random.Pick<(string Iso, string Name, string Native, string Family)>(Vocabulary.Languages));
            _writer.WritePropertyName("probability"u8);
            _writer.WriteRawValue(_random.Pick(["0.98", "1.0", "1", "0.5000"]), skipInputValidation: true);
            _writer.WriteEndObject();
        }

        if (_ordinal % 6 != 1 || _ordinal % 12 == 1)
        {
            var address = page.Domain is null ? page.Host : DocumentParts.Address(ref _random);
            DocumentParts.IpDetail(_writer, ref _random, address, _threat.First - 7_000_000);
        }

        WriteScreenshot(id);
        WriteComponents(page);
        WriteKits();
        if (_threat.Revision > 0)
        {
            _writer.WriteNumber("revision"u8, _threat.Revision);
        }

        _writer.WriteString("threatDetailURL"u8, $"{Portal}/p42/search/default?p={id}");
        _writer.WriteEndObject();
    }

    private void WriteBrands()
    {
        _writer.WriteStartArray("brands"u8);
        var count = _ordinal % 23 == 8 ? 0 : _ordinal % 11 == 6 ? 2 : 1;
        for (var i = 0; i < count; i++)
        {
            (var id, var text) = Vocabulary.Brands[(_random.Below(Vocabulary.Brands.Length - 1) + i) % Vocabulary.Brands.Length];
            _writer.WriteStartObject();
            _writer.WriteNumber("id"u8, id);
            _writer.WriteString("text"u8, text);
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
    }

    private void WriteReported(in GeneratedUrl page)
    {
        var count = 1 + _random.Below(3);
        var urls = new GeneratedUrl[count];
        for (var i = 0; i < count; i++)
        {
            // A revision moves the window by one, as with the indicators of a malware threat.
            var random = new SplitMix(_seed, _threat.Index, ReportedStream + _threat.Revision + i);
            urls[i] = i == 0 && _threat.Revision == 0 && _ordinal % 2 == 0 ? page : GeneratedUrl.Draw(ref random, addressHost: false);
        }

        WriteUrls("reportedURLs", urls);
    }

    private void WriteActions(in GeneratedUrl page)
    {
        if (_ordinal % 8 == 5)
        {
            return;
        }

        WriteUrls("actionURLs", _ordinal % 8 == 6 ? [] : [page.Beside("/post.php")]);
    }

    private void WriteUrls(string name, ReadOnlySpan<GeneratedUrl> urls)
    {
        _writer.WriteStartArray(name);
        foreach (ref readonly var url in urls)
        {
            _writer.WriteStringValue(url.Url);
        }

        _writer.WriteEndArray();
        if (Plain)
        {
            return;
        }

        _writer.WriteStartArray(name + "_1");
        foreach (ref readonly var url in urls)
        {
            DocumentParts.Url(_writer, url, severity: _era == 5 ? "Major" : null);
        }

        _writer.WriteEndArray();
    }

    private void WriteScreenshot(string id)
    {
        if (_ordinal % 9 == 4)
        {
            return;
        }

        var path = "/apiv1/screenshot/" + id;
        _writer.WriteStartObject("screenshot"u8);
        _writer.WriteString("url"u8, Portal + path);
        if (!Plain)
        {
            _writer.WritePropertyName("url_1"u8);
            DocumentParts.Url(_writer, new GeneratedUrl("https", "www.threathq.com", "threathq.com", path, Query: null));
        }

        _writer.WriteEndObject();
    }

    private void WriteComponents(in GeneratedUrl page)
    {
        switch (_ordinal % 17)
        {
            case 3:
                return;
            case 9:
                _writer.WriteNull("webComponents"u8);
                return;
        }

        var random = new SplitMix(_seed, _threat.Index, ComponentsStream);
        var count = random.Below(20) == 0 ? 40 + random.Below(40) : random.Below(10);
        _writer.WriteStartArray("webComponents"u8);
        for (var i = 0; i < count; i++)
        {
            var extension = random.Pick([".png", ".css", ".js", ".ico", ""]);
            var name = extension.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"part{i}{extension}");
            _writer.WriteStartObject();
            _writer.WritePropertyName("resourceURL"u8);
            DocumentParts.Url(_writer, page.Beside(string.Create(CultureInfo.InvariantCulture, $"/assets/{i}/{name}")));
            _writer.WriteString("fileName"u8, name);
            if (extension.Length > 0)
            {
                _writer.WriteString("fileExtension"u8, extension);
            }

            _writer.WriteNumber("size"u8, random.Below(200_000));
            DocumentParts.Hashes(_writer, ref random, hexNames: false, onlyMd5: _era <= 2);
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
    }

    private void WriteKits()
    {
        switch (_ordinal % 19)
        {
            case 4:
                return;
            case 10:
                _writer.WriteNull("kits"u8);
                return;
        }

        var random = new SplitMix(_seed, _threat.Index, KitsStream);
        _writer.WriteStartArray("kits"u8);
        if (_era >= 3 && random.Chance(35))
        {
            _writer.WriteStartObject();
            _writer.WriteString("kitName"u8, string.Create(CultureInfo.InvariantCulture, $"kit{random.Below(1000)}.zip"));
            _writer.WriteNumber("fileSize"u8, 1000 + random.Below(900_000));
            DocumentParts.Hashes(_writer, ref random, hexNames: false, onlyMd5: false);
            _writer.WriteString("ssdeep"u8, "48:kit-1:kit-1"u8);
            _writer.WriteStartArray("files"u8);
            var files = 1 + random.Below(5);
            for (var i = 0; i < files; i++)
            {
                WriteKitFile(ref random, i);
            }

            _writer.WriteEndArray();
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
    }

    private void WriteKitFile(ref SplitMix random, int number)
    {
        var name = number == 0 ? "post.php" : string.Create(CultureInfo.InvariantCulture, $"page{number}.html");
        _writer.WriteStartObject();
        _writer.WriteString("fileName"u8, name);
        _writer.WriteString("path"u8, "bank/" + name);
        _writer.WriteNumber("size"u8, random.Below(50_000));
        DocumentParts.Hashes(_writer, ref random, hexNames: false, onlyMd5: false);
        _writer.WriteString("ssdeep"u8, string.Create(CultureInfo.InvariantCulture, $"48:kitfile-{number}:kitfile-{number}"));
        _writer.WriteStartArray(_era == 3 ? "observedEmails"u8 : "emails"u8);
        if (number == 0)
        {
            _writer.WriteStartObject();
            _writer.WriteString("email"u8, "collector@" + DocumentParts.Domain(ref random));
            _writer.WriteString("obfuscationType"u8, random.Pick(["plaintext", "hex", "base64", "PHP array"]));
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
        _writer.WriteEndObject();
    }
}
