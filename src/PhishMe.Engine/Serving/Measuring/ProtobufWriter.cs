using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace PhishMe.Engine.Serving.Measuring;

/// <summary>Writes messages in the binary encoding of Protocol Buffers (protobuf.dev, "Encoding"): as much of it as figures need.</summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0;
    private const int EightBytes = 1;
    private const int Length = 2;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    /// <summary>A number, an enumeration or a boolean; 0 is the default and not written.</summary>
    public void Number(int field, uint value)
    {
        if (value > 0)
        {
            Tag(field, Varint);
            WriteVarint(value);
        }
    }

    /// <summary>A number of eight bytes.</summary>
    public void Fixed(int field, ulong value)
    {
        Tag(field, EightBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.GetSpan(sizeof(ulong)), value);
        _bytes.Advance(sizeof(ulong));
    }

    /// <summary>A floating-point number, also 0: within a choice of types it says which one it is.</summary>
    public void Double(int field, double value) => Fixed(field, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>A text; an empty one is the default and not written.</summary>
    public void Text(int field, string value)
    {
        if (value.Length > 0)
        {
            Tag(field, Length);
            WriteVarint((uint)Encoding.UTF8.GetByteCount(value));
            Encoding.UTF8.GetBytes(value, _bytes);
        }
    }

    /// <summary>A message within this one.</summary>
    public void Message(int field, Action<ProtobufWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var inner = new ProtobufWriter();
        write(inner);
        Tag(field, Length);
        WriteVarint((uint)inner.Written.Length);
        _bytes.Write(inner.Written.Span);
    }

    private void Tag(int field, int type) => WriteVarint((uint)((field << 3) | type));

    private void WriteVarint(uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            WriteByte((byte)(value | 0x80));
        }

        WriteByte((byte)value);
    }

    private void WriteByte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }
}
