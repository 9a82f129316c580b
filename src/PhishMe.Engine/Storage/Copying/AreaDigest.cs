using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PhishMe.Engine.Storage.Copying;

/// <summary>
/// Count and digest of the rows of an area, in whichever order they come: the SHA-256 of the rows, added up. Text and its bytes are the same, because one side
/// keeps as bytes what the other keeps as text.
/// </summary>
internal sealed class AreaDigest
{
    private readonly ulong[] _sum = new ulong[4];
    private readonly ArrayWriter _row = new();

    /// <summary>How many rows were added.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds a row.</summary>
    public void Add(IReadOnlyList<object?> values)
    {
        _row.Clear();
        foreach (var value in values)
        {
            Append(value);
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_row.Written, hash);
        for (var i = 0; i < _sum.Length; i++)
        {
            _sum[i] += BinaryPrimitives.ReadUInt64LittleEndian(hash[(i * sizeof(ulong))..]);
        }

        Rows++;
    }

    /// <summary>Rows and digest.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rows}:{_sum[0]:x16}{_sum[1]:x16}{_sum[2]:x16}{_sum[3]:x16}");

    private void Append(object? value)
    {
        switch (value)
        {
            case null:
                _row.Append(0);
                break;
            case long number:
                _row.Append(1);
                _row.Append(BitConverter.GetBytes(number));
                break;
            case double number:
                _row.Append(2);
                _row.Append(BitConverter.GetBytes(number));
                break;
            default:
                var bytes = value as byte[] ?? Encoding.UTF8.GetBytes((string)value);
                _row.Append(3);
                _row.Append(BitConverter.GetBytes(bytes.Length));
                _row.Append(bytes);
                break;
        }
    }

    /// <summary>The bytes of one row; used again for the next.</summary>
    private sealed class ArrayWriter
    {
        private readonly System.Buffers.ArrayBufferWriter<byte> _bytes = new();

        public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

        public void Clear() => _bytes.ResetWrittenCount();

        public void Append(byte tag) => Append([tag]);

        public void Append(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_bytes.GetSpan(bytes.Length));
            _bytes.Advance(bytes.Length);
        }
    }
}
