using System.Buffers;
using PhishMe.Engine.Indicators;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// Writes a threat as the CEF lines the API would give (reference/cef.md §1 and §2): malware one line per watch-list entry and file, phish one line.
/// A key without a value is left out together with its label.
/// </summary>
internal sealed class CefRenderer
{
    /// <summary>The vendor of the documentation; the servers of today may write <c>Cofense</c> (reference/cef.md §1.1).</summary>
    public const string DefaultVendor = "PhishMe";

    private const byte LineFeed = (byte)'\n';
    private readonly string _vendor;

    /// <summary>Creates the renderer.</summary>
    /// <param name="vendor">The device vendor of the header.</param>
    public CefRenderer(string vendor = DefaultVendor)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(vendor);
        _vendor = vendor;
    }

    /// <summary>Writes all lines of a threat together, each ended by LF.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="output">Takes the UTF-8 bytes.</param>
    /// <returns>How many lines, and what has no line.</returns>
    public CefResult Render(Threat threat, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(threat);
        ArgumentNullException.ThrowIfNull(output);
        if (threat.Type == ThreatType.Phish)
        {
            RenderPhish(threat, output);
            return new CefResult(1, 0, 0);
        }

        int lines = 0, emails = 0, others = 0;
        var brands = string.Join(", ", threat.Brands);
        var families = string.Join(", ", threat.Families);
        foreach (var indicator in threat.Indicators)
        {
            if (indicator.Source != IndicatorSource.WatchList)
            {
                continue;
            }

            if (RenderWatched(threat, indicator, families, brands, output))
            {
                lines++;
            }
            else if (indicator.Kind == IndicatorKind.Email)
            {
                emails++;
            }
            else
            {
                others++;
            }
        }

        foreach (var file in threat.Files)
        {
            if (RenderFile(threat, file, families, brands, output))
            {
                lines++;
            }
            else
            {
                others++;
            }
        }

        return new CefResult(lines, emails, others);
    }

    /// <summary>The severity of an impact (reference/cef.md §1.1); 5, the middle, when nothing is rated.</summary>
    internal static int SeverityOf(Impact? impact) => ImpactScores.Of(impact)?.CefSeverity ?? 5;

    /// <summary>The device product of a threat's header.</summary>
    internal static ReadOnlySpan<byte> ProductOf(ThreatType type) => type == ThreatType.Malware ? "Intelligence"u8 : "Brand Intelligence"u8;

    private bool RenderWatched(Threat threat, Indicator indicator, string families, string brands, IBufferWriter<byte> output)
    {
        var kind = IndicatorKinds.Of(indicator.Kind);
        if (kind.CefClassAndName is not string classAndName)
        {
            return false;
        }

        Header(output, threat.Type, classAndName, SeverityOf(indicator.Impact));
        var extension = new Extension(output);
        Begin(ref extension, threat, indicator.Impact);
        var isAddress = indicator.Kind == IndicatorKind.IPv4;
        if (isAddress && indicator.NormalizedValue is string address && !address.Contains('/', StringComparison.Ordinal))
        {
            // An address and nothing else: receivers drop the field or the event otherwise.
            extension.Pair("dst"u8, address, CefEncoding.TextLimit);
            isAddress = address != indicator.Value.Trim();
        }
        else if (kind.IsHash)
        {
            extension.Pair("fileHash"u8, indicator.NormalizedValue ?? indicator.Value, CefEncoding.HashLimit);
        }

        extension.Custom("cs1"u8, "Malware Family"u8, indicator.Family ?? indicator.DeliveryMechanism ?? families);
        extension.Custom("cs2"u8, "Brand"u8, brands);
        extension.Custom("cs3"u8, "Infrastructure Type"u8, indicator.Role);
        if (kind.CefLabel is string label && (indicator.Kind != IndicatorKind.IPv4 || isAddress))
        {
            extension.Custom("cs4"u8, label, indicator.Value);
        }

        End(ref extension, threat, output);
        return true;
    }

    private bool RenderFile(Threat threat, ThreatFile file, string families, string brands, IBufferWriter<byte> output)
    {
        // The feed documents the MD5; a file without one is better told by another hash than by none.
        var hash = file.Hashes.Md5 ?? file.Hashes.Sha256 ?? file.Hashes.Sha1;
        if (hash is null && string.IsNullOrWhiteSpace(file.FileName))
        {
            return false; // Nothing to match.
        }

        // Like the watch list: what the vendor rates, not what we would block. Unrated files count as Major (reference/threat.md §6).
        var impact = file.Impact ?? Impact.Major;
        Header(output, threat.Type, "malicious_file|Malicious File|", SeverityOf(impact));
        var extension = new Extension(output);
        Begin(ref extension, threat, impact);
        extension.Pair("fname"u8, file.FileName, CefEncoding.TextLimit);
        extension.Pair("fileHash"u8, hash, CefEncoding.HashLimit);
        extension.Custom("cs1"u8, "Malware Family"u8, file.Family ?? file.DeliveryMechanism ?? families);
        extension.Custom("cs2"u8, "Brand"u8, brands);
        End(ref extension, threat, output);
        return true;
    }

    private static string? Address(string? text) =>
        IndicatorNormalizer.Normalize(IndicatorKind.IPv4, text) is string address && !address.Contains('/', StringComparison.Ordinal) ? address : null;

    private void RenderPhish(Threat threat, IBufferWriter<byte> output)
    {
        Header(output, threat.Type, "phish_confirmed|Phish Confirmed|", 10);
        var extension = new Extension(output);
        extension.Pair("externalId"u8, threat.Id.Number);
        if (threat.FirstPublished is { } first)
        {
            extension.Date("First Seen"u8, first);
        }

        var page = threat.PhishingUrl;
        var hostAddress = Address(page?.Host);
        extension.Pair("dst"u8, Address(threat.IpDetail?.Ip) ?? hostAddress, CefEncoding.TextLimit);
        if (hostAddress is null && IndicatorNormalizer.Normalize(IndicatorKind.IPv6, page?.Host) is null)
        {
            extension.Pair("dhost"u8, page?.Host, CefEncoding.TextLimit);
        }

        extension.Custom("cs2"u8, "Brand"u8, string.Join(", ", threat.Brands));
        extension.Custom("cs3"u8, "Phishing Domain"u8, page?.Domain);
        extension.Custom("cs4"u8, "Phishing URL"u8, page?.Url);
        extension.Custom("cs5"u8, "Threat Detail URL"u8, threat.ThreatDetailUri);
        extension.Custom("cs6"u8, "Screenshot URL"u8, threat.ScreenshotUri);
        output.Put(LineFeed);
    }

    private void Header(IBufferWriter<byte> output, ThreatType type, string classAndName, int severity)
    {
        output.Put("CEF:0|"u8);
        CefEncoding.PutHeaderField(output, _vendor, CefEncoding.VendorLimit);
        output.Put("|"u8);
        output.Put(ProductOf(type));
        output.Put("|1.0|"u8);
        output.Put(classAndName);
        output.Put(severity);
        output.Put("|"u8);
    }

    private static void Begin(ref Extension extension, Threat threat, Impact? impact)
    {
        if (impact is { } known)
        {
            extension.Pair("cat"u8, ImpactScores.Of(known).Word, CefEncoding.TextLimit);
        }

        extension.Pair("externalId"u8, threat.Id.Number);
        if (threat.FirstPublished is { } first)
        {
            extension.Date("First Published"u8, first);
        }
    }

    private static void End(ref Extension extension, Threat threat, IBufferWriter<byte> output)
    {
        extension.Custom("cs5"u8, "Threat Detail URL"u8, threat.ThreatDetailUri);
        extension.Custom("cs6"u8, "Active Threat Report URL"u8, threat.HasReport ? threat.ReportUri : null);
        output.Put(LineFeed);
    }

    private ref struct Extension(IBufferWriter<byte> output)
    {
        private bool _begun;

        public void Pair(ReadOnlySpan<byte> key, ReadOnlySpan<char> value, int limit)
        {
            value = value.Trim(' ');
            if (!value.IsEmpty)
            {
                Key(key);
                CefEncoding.PutValue(output, value, limit);
            }
        }

        public void Pair(ReadOnlySpan<byte> key, long value)
        {
            Key(key);
            output.Put(value);
        }

        public void Date(ReadOnlySpan<byte> label, DateTimeOffset value)
        {
            Pair("deviceCustomDate1"u8, value.ToUnixTimeMilliseconds());
            Key("deviceCustomDate1Label"u8);
            output.Put(label);
        }

        public void Custom(ReadOnlySpan<byte> key, string label, ReadOnlySpan<char> value)
        {
            value = value.Trim(' ');
            if (!value.IsEmpty)
            {
                Label(key);
                output.Put(label);
                Pair(key, value, CefEncoding.CustomStringLimit);
            }
        }

        public void Custom(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, ReadOnlySpan<char> value)
        {
            value = value.Trim(' ');
            if (!value.IsEmpty)
            {
                Label(key);
                output.Put(label);
                Pair(key, value, CefEncoding.CustomStringLimit);
            }
        }

        private void Label(ReadOnlySpan<byte> key)
        {
            if (_begun)
            {
                output.Put(" "u8);
            }

            _begun = true;
            output.Put(key);
            output.Put("Label="u8);
        }

        private void Key(ReadOnlySpan<byte> key)
        {
            if (_begun)
            {
                output.Put(" "u8);
            }

            _begun = true;
            output.Put(key);
            output.Put("="u8);
        }
    }
}
