using System.Buffers;
using System.Text;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The value of an indicator as a row has it: UTF-8, or the bytes of a hash, which take half the space.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="IsDigest">Whether they are those of a hash.</param>
internal readonly record struct IndicatorValue(byte[] Bytes, bool IsDigest)
{
    public static IndicatorValue Of(IndicatorKind kind, byte[] text)
    {
        Span<byte> hash = stackalloc byte[64];
        // A hash in normal form is lower-case hexadecimal.
        return IndicatorKinds.Of(kind).HashLength is not null
            && !text.AsSpan().ContainsAnyInRange((byte)'A', (byte)'F')
            && Convert.FromHexString(text, hash, out _, out var length) == OperationStatus.Done
            ? new IndicatorValue(hash[..length].ToArray(), IsDigest: true)
            : new IndicatorValue(text, IsDigest: false);
    }

    /// <summary>The normal form.</summary>
    public string Text => IsDigest ? Convert.ToHexStringLower(Bytes) : Encoding.UTF8.GetString(Bytes);
}
