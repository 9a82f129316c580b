using System.Buffers.Binary;
using System.Text;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>A canonical record as the bytes that are sorted: what the rows of all feeds are made of. Texts are UTF-8; one that is not known is empty.</summary>
internal readonly ref struct FeedRow
{
    private const int FlagsAt = 0, ConfidenceAt = 1, MaskAt = 2, FirstAt = 6, TextsAt = 14;
    private const byte Unknown = 255;

    /// <summary>What stands in a key behind the value: a zero, the rank, the time, the type and the number, so that the best row of a value comes first.</summary>
    private const int TailLength = 1 + 1 + sizeof(long) + 1 + sizeof(long);

    private const int LongestLength = 5;

    private readonly ReadOnlySpan<byte> _key;
    private readonly ReadOnlySpan<byte> _rest;

    /// <param name="key">As <see cref="Encode"/> wrote it.</param>
    /// <param name="rest">What stands behind the key.</param>
    public FeedRow(ReadOnlySpan<byte> key, ReadOnlySpan<byte> rest)
    {
        _key = key;
        _rest = rest;
    }

    /// <summary>Null when not rated. What the vendor calls benign has none, whatever else is written.</summary>
    public Impact? Impact => ImpactOf(Rank);

    /// <summary>0 for not rated, 1 for none, 4 for major.</summary>
    public int Rank => 4 - Tail[1];

    public IndicatorKind Kind => (IndicatorKind)_key[0];

    public bool Corollary => _rest[FlagsAt] != 0;

    /// <summary>The vendor's confidence, 0 to 100; null where it is not rated.</summary>
    public int? Confidence => _rest[ConfidenceAt] is var value && value == Unknown ? null : value;

    public ThreatId Threat => new((ThreatType)Tail[10], BinaryPrimitives.ReadInt64BigEndian(Tail[11..]));

    /// <summary>Epoch milliseconds of first publication.</summary>
    public long? First => Known(BinaryPrimitives.ReadInt64LittleEndian(_rest[FirstAt..]));

    /// <summary>Epoch milliseconds of latest publication, never ahead of when this version came.</summary>
    public long? Last => Known(~(BinaryPrimitives.ReadInt64BigEndian(Tail[2..]) ^ long.MinValue));

    public ReadOnlySpan<byte> Value => _key[1..^TailLength];

    public ReadOnlySpan<byte> Role => Text(0);

    public ReadOnlySpan<byte> Family => Text(1);

    /// <summary>The brands with ", " between them.</summary>
    public ReadOnlySpan<byte> Brands => Text(2);

    public ReadOnlySpan<byte> PortalUrl => Text(3);

    public ReadOnlySpan<byte> ReportUrl => Text(4);

    private ReadOnlySpan<byte> Tail => _key[^TailLength..];

    /// <summary>What all records of a threat end with, encoded once.</summary>
    public static byte[] EncodeThreat(Threat threat)
    {
        var writer = new System.Buffers.ArrayBufferWriter<byte>(256);
        PutText(writer, string.Join(", ", threat.Brands));
        PutText(writer, threat.ThreatDetailUri);
        PutText(writer, threat.HasReport ? threat.ReportUri : null);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the key, by which the rows of one value stand together and the best of them first, and then the row.</summary>
    /// <param name="output">Takes both.</param>
    /// <param name="record">The record.</param>
    /// <param name="impact">How it counts.</param>
    /// <param name="feeds">A bit for each feed that takes it.</param>
    /// <param name="last">When it was published last, in epoch milliseconds, as far as that is believed.</param>
    /// <param name="threat">As <see cref="EncodeThreat"/> made it.</param>
    /// <returns>The length of the key.</returns>
    public static int Encode(
        System.Buffers.ArrayBufferWriter<byte> output, IndicatorRecord record, Impact? impact, uint feeds, long? last, ReadOnlySpan<byte> threat)
    {
        var start = output.WrittenCount;
        var rank = RankOf(impact);
        output.Put((byte)record.Kind);
        output.Put(record.Value);
        var tail = output.GetSpan(TailLength);
        tail[0] = 0;
        tail[1] = (byte)(4 - rank);
        BinaryPrimitives.WriteInt64BigEndian(tail[2..], ~(last ?? long.MinValue) ^ long.MinValue);
        tail[10] = (byte)record.ThreatId.Type;
        BinaryPrimitives.WriteInt64BigEndian(tail[11..], record.ThreatId.Number);
        output.Advance(TailLength);
        var keyLength = output.WrittenCount - start;

        var head = output.GetSpan(TextsAt);
        head[FlagsAt] = record.Corollary ? (byte)1 : (byte)0;
        head[ConfidenceAt] = record.Rated is int confidence ? (byte)Math.Clamp(confidence, 0, 100) : Unknown;
        BinaryPrimitives.WriteUInt32LittleEndian(head[MaskAt..], feeds);
        BinaryPrimitives.WriteInt64LittleEndian(head[FirstAt..], record.FirstPublished?.ToUnixTimeMilliseconds() ?? long.MinValue);
        output.Advance(TextsAt);
        PutText(output, record.Role);
        PutText(output, record.Family ?? record.DeliveryMechanism);
        output.Put(threat);
        return keyLength;
    }

    /// <summary>A bit for each feed that takes a row.</summary>
    /// <param name="rest">What stands behind the key.</param>
    public static uint FeedsOf(ReadOnlySpan<byte> rest) => BinaryPrimitives.ReadUInt32LittleEndian(rest[MaskAt..]);

    /// <summary>
    /// A number that sorts like the first bytes of a key. Almost all URLs begin alike, so what they begin with is one byte and their hosts are the
    /// others.
    /// </summary>
    public static ulong PrefixOf(ReadOnlySpan<byte> key)
    {
        if (key[0] != (byte)IndicatorKind.Url)
        {
            return SortBuffer.FirstBytes(key);
        }

        var url = key[1..];
        if (url.StartsWith("http://"u8))
        {
            return UrlPrefix(key[0], 1, url[7..]);
        }

        if (url.StartsWith("https://"u8))
        {
            return UrlPrefix(key[0], 3, url[8..]);
        }

        return UrlPrefix(key[0], url.SequenceCompareTo("http://"u8) < 0 ? 0u : url.SequenceCompareTo("https://"u8) < 0 ? 2u : 4u, default);
    }

    /// <summary>The part of a key that rows of one kind and value share.</summary>
    public static ReadOnlySpan<byte> GroupOf(ReadOnlySpan<byte> key) => key[..^TailLength];

    /// <summary>0 for not rated, 1 for none, 4 for major.</summary>
    public static int RankOf(Impact? impact) => impact is Impact known ? (int)known + 1 : 0;

    private static Impact? ImpactOf(int rank) => rank == 0 ? null : (Impact)(rank - 1);

    /// <summary>The length in as few bytes as it needs, seven bits in each, and the text.</summary>
    private static void PutText(System.Buffers.ArrayBufferWriter<byte> output, string? text)
    {
        text = string.IsNullOrEmpty(text) ? string.Empty : ControlCharacters.Replace(text, keepsLines: false);
        var span = output.GetSpan(LongestLength);
        var at = 0;
        for (var length = (uint)Encoding.UTF8.GetByteCount(text); ; length >>= 7)
        {
            span[at++] = (byte)(length < 0x80 ? length : length | 0x80);
            if (length < 0x80)
            {
                break;
            }
        }

        output.Advance(at);
        output.Put(text);
    }

    private static ulong UrlPrefix(byte kind, uint beginning, ReadOnlySpan<byte> rest) =>
        ((ulong)kind << 56) | ((ulong)beginning << 48) | (SortBuffer.FirstBytes(rest) >> 16);

    private static long? Known(long time) => time == long.MinValue ? null : time;

    private ReadOnlySpan<byte> Text(int index)
    {
        for (var at = TextsAt; ; index--)
        {
            var length = 0;
            for (var shift = 0; ; shift += 7)
            {
                var part = _rest[at++];
                length |= (part & 0x7F) << shift;
                if (part < 0x80)
                {
                    break;
                }
            }

            if (index == 0)
            {
                return _rest.Slice(at, length);
            }

            at += length;
        }
    }
}
