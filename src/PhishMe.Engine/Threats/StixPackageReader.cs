using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Xml;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>
/// Reads product, id and times of a STIX 1.x package (reference/stix.md §2) with a real XML parser: any prefix, any line layout. Entities
/// and external resources are off, the size is capped, and whatever is wrong comes back as a text: one malformed package must not stop the
/// others.
/// </summary>
internal static class StixPackageReader
{
    /// <summary>The largest package that is read; real ones are some 100 kB (reference/stix.md §4).</summary>
    public const int MaximumSize = 64 * 1024 * 1024;

    private const string Stix = "http://stix.mitre.org/stix-1";
    private const string Indicator = "http://stix.mitre.org/Indicator-2";
    private const string Campaign = "http://stix.mitre.org/Campaign-1";
    private const int MaximumText = 4096;

    private static readonly XmlReaderSettings _settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersFromEntities = 0,
        MaxCharactersInDocument = MaximumSize,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
        CloseInput = true,
    };

    /// <summary>Reads a package.</summary>
    /// <param name="package">The bytes received.</param>
    /// <returns>What is known of it; never null, never an exception.</returns>
    public static StixPackageInfo Read(ReadOnlyMemory<byte> package)
    {
        if (package.Length > MaximumSize)
        {
            return new StixPackageInfo
            {
                Error = string.Create(CultureInfo.InvariantCulture, $"The package has {package.Length} bytes; the limit is {MaximumSize}."),
            };
        }

        Stream stream = MemoryMarshal.TryGetArray(package, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(package.ToArray(), writable: false);
        try
        {
            using var reader = XmlReader.Create(stream, _settings);
            return Read(reader);
        }
        catch (XmlException error)
        {
            return new StixPackageInfo { Error = error.Message };
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException or DecoderFallbackException or IOException)
        {
            // An encoding the declaration names but the platform does not know, or bytes it cannot decode.
            return new StixPackageInfo { Error = error.Message };
        }
    }

    /// <summary>A time in any ISO 8601 form of XML; without zone it is taken as UTC.</summary>
    internal static DateTimeOffset? TimeOf(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        return DateTimeOffset.TryParse(
            text.Trim(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;
    }

    private static StixPackageInfo Read(XmlReader reader)
    {
        string? title = null, campaignTitle = null, startTime = null, packageTime = null, campaignTime = null;
        bool inHeader = false, root = true;
        var campaignDepth = -1;
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.EndElement)
            {
                inHeader &= !Is(reader, "STIX_Header", Stix);
                continue;
            }

            if (reader.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            if (root)
            {
                packageTime = reader.GetAttribute("timestamp");
                root = false;
            }
            else if (Is(reader, "STIX_Header", Stix))
            {
                inHeader = !reader.IsEmptyElement;
            }
            else if (title is null && inHeader && Is(reader, "Title", Stix))
            {
                title = TextOf(reader);
            }
            else if (campaignDepth < 0 && Is(reader, "Campaign", Stix))
            {
                campaignTime = reader.GetAttribute("timestamp");
                campaignDepth = reader.Depth;
            }
            else if (campaignTitle is null && Is(reader, "Title", Campaign))
            {
                campaignTitle = TextOf(reader);
            }
            else if (startTime is null && Is(reader, "Start_Time", Indicator))
            {
                startTime = TextOf(reader)?.Trim();
            }
        }

        ReadTitle(title, out var type, out var number);
        return new StixPackageInfo
        {
            Type = type,
            Number = NumberOf(campaignTitle) ?? number,
            CampaignTimestamp = TimeOf(campaignTime),
            FirstStartTime = string.IsNullOrEmpty(startTime) ? null : startTime,
            PackageTimestamp = TimeOf(packageTime),
        };
    }

    private static bool Is(XmlReader reader, string name, string space) => reader.LocalName == name && reader.NamespaceURI == space;

    // Text directly inside the element; the reader stays on the last node read, so that the caller's loop goes on behind it.
    private static string? TextOf(XmlReader reader)
    {
        if (reader.IsEmptyElement)
        {
            return null;
        }

        var text = new StringBuilder();
        var depth = reader.Depth;
        while (reader.Read() && reader.Depth > depth)
        {
            if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace && text.Length < MaximumText)
            {
                text.Append(reader.Value);
            }
        }

        return text.ToString();
    }

    // "<vendor> Malware ThreatID 123"
    private static void ReadTitle(string? title, out ThreatType? type, out long? number)
    {
        type = null;
        number = null;
        const string Mark = "ThreatID";
        if (title?.IndexOf(Mark, StringComparison.OrdinalIgnoreCase) is not ({ } at and >= 0))
        {
            return;
        }

        var before = title.AsSpan(0, at).TrimEnd();
        type = before.EndsWith("Malware", StringComparison.OrdinalIgnoreCase) ? ThreatType.Malware
            : before.EndsWith("Phish", StringComparison.OrdinalIgnoreCase) ? ThreatType.Phish
            : null;
        number = NumberOf(title[(at + Mark.Length)..]);
    }

    private static long? NumberOf(string? text) =>
        long.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
