using System.Buffers.Binary;
using System.Text;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>A canonical record as the bytes that are sorted: what the rows of all feeds are made of. Texts are UTF-8; one that is not known is empty.</summary>
internal readonly ref struct FeedRow
{
    private const int ImpactAt = 0, KindAt = 1, FlagsAt = 2, ConfidenceAt = 3, TypeAt = 4, MaskAt = 5, NumberAt = 9, FirstAt = 17, LastAt = 25, TextsAt = 33;
    private const byte Unknown = 255;
    private const int TailLength = 1 + 1 + sizeof(long) + 1 + sizeof(long);

    private readonly ReadOnlySpan<byte> _bytes;

    public FeedRow(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Null when not rated. What the vendor calls benign has none, whatever else is written.</summary>
    public Impact? Impact => ImpactOf(_bytes[ImpactAt]);

    /// <summary>0 for not rated, 1 for none, 4 for major.</summary>
    public int Rank => _bytes[ImpactAt];

    public IndicatorKind Kind => (IndicatorKind)_bytes[KindAt];

    public bool Corollary => _bytes[FlagsAt] != 0;

    /// <summary>0 to 100; null when nothing is rated.</summary>
    public int? Confidence => _bytes[ConfidenceAt] is var value && value == Unknown ? null : value;

    public ThreatId Threat => new((ThreatType)_bytes[TypeAt], BinaryPrimitives.ReadInt64LittleEndian(_bytes[NumberAt..]));

    /// <summary>A bit for each feed that takes it.</summary>
    public uint Feeds => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[MaskAt..]);

    /// <summary>Epoch milliseconds of first publication.</summary>
    public long? First => Time(FirstAt);

    /// <summary>Epoch milliseconds of latest publication, never ahead of when this version came.</summary>
    public long? Last => Time(LastAt);

    public ReadOnlySpan<byte> Value => Text(0);

    public ReadOnlySpan<byte> Role => Text(1);

    public ReadOnlySpan<byte> Family => Text(2);

    /// <summary>The vendor's infrastructure type: the words for the role.</summary>
    public ReadOnlySpan<byte> RoleDescription => Text(3);

    /// <summary>The brands with ", " between them.</summary>
    public ReadOnlySpan<byte> Brands => Text(4);

    public ReadOnlySpan<byte> PortalUrl => Text(5);

    public ReadOnlySpan<byte> ReportUrl => Text(6);

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
        head[ImpactAt] = (byte)rank;
        head[KindAt] = (byte)record.Kind;
        head[FlagsAt] = record.Corollary ? (byte)1 : (byte)0;
        head[ConfidenceAt] = record.Confidence is int confidence ? (byte)Math.Clamp(confidence, 0, 100) : Unknown;
        head[TypeAt] = (byte)record.ThreatId.Type;
        BinaryPrimitives.WriteUInt32LittleEndian(head[MaskAt..], feeds);
        BinaryPrimitives.WriteInt64LittleEndian(head[NumberAt..], record.ThreatId.Number);
        BinaryPrimitives.WriteInt64LittleEndian(head[FirstAt..], record.FirstPublished?.ToUnixTimeMilliseconds() ?? long.MinValue);
        BinaryPrimitives.WriteInt64LittleEndian(head[LastAt..], last ?? long.MinValue);
        output.Advance(TextsAt);
        PutText(output, record.Value);
        PutText(output, record.Role);
        PutText(output, record.Family ?? record.DeliveryMechanism);
        PutText(output, record.RoleDescription ?? record.Subclass);
        output.Put(threat);
        return keyLength;
    }

    /// <summary>The part of a key that rows of one kind and value share.</summary>
    public static ReadOnlySpan<byte> GroupOf(ReadOnlySpan<byte> key) => key[..^TailLength];

    /// <summary>0 for not rated, 1 for none, 4 for major.</summary>
    public static int RankOf(Impact? impact) => impact is Impact known ? (int)known + 1 : 0;

    private static Impact? ImpactOf(int rank) => rank == 0 ? null : (Impact)(rank - 1);

    private static void PutText(System.Buffers.ArrayBufferWriter<byte> output, string? text)
    {
        text = string.IsNullOrEmpty(text) ? string.Empty : ControlCharacters.Replace(text, keepsLines: false);
        var length = Math.Min(Encoding.UTF8.GetByteCount(text), int.MaxValue);
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), length);
        output.Advance(sizeof(int));
        output.Put(text);
    }

    private long? Time(int at) => BinaryPrimitives.ReadInt64LittleEndian(_bytes[at..]) is var time && time == long.MinValue ? null : time;

    private ReadOnlySpan<byte> Text(int index)
    {
        var at = TextsAt;
        for (; index > 0; index--)
        {
            at += sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(_bytes[at..]);
        }

        return _bytes.Slice(at + sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(_bytes[at..]));
    }
}
