using System.Buffers;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>The STIX 2.1 bundle that takes a threat back: the objects it was told in, revoked, in a version that supersedes the last one.</summary>
internal sealed class RevokedBundle(TlpLevel marking)
{
    private readonly StixBundleRenderer _renderer = new(new StixBundleOptions { Marking = marking });

    /// <summary>All objects of the last known threat; the report alone, whose id follows from the threat's, when the store is off.</summary>
    /// <param name="id">The threat.</param>
    /// <param name="lastKnown">Its JSON; null when it is not stored.</param>
    /// <param name="firstPublished">Epoch milliseconds; null when unknown.</param>
    /// <param name="told">What the output was told before; null when nothing is recorded.</param>
    /// <param name="now">The time of the version when nobody knows of an earlier one: it must be later than what the files hold.</param>
    public ReadOnlyMemory<byte> Of(ThreatId id, byte[]? lastKnown, long? firstPublished, DeliveryRecord? told, DateTimeOffset now)
    {
        var output = new ArrayBufferWriter<byte>();
        _renderer.Render(Read(lastKnown) ?? Unknown(id, firstPublished, told, now), output);
        return output.WrittenMemory;
    }

    private static Threat? Read(byte[]? json)
    {
        try
        {
            return json is null ? null : ThreatReader.Read(json, withdrawn: true);
        }
        catch (PhishMeException)
        {
            return null; // It was set aside in this format, so nobody was told more than its id.
        }
    }

    private static Threat Unknown(ThreatId id, long? firstPublished, DeliveryRecord? told, DateTimeOffset now) => new()
    {
        Id = id,
        FirstPublished = firstPublished is long first ? DateTimeOffset.FromUnixTimeMilliseconds(first) : null,
        LastPublished = told is null ? now : told.Value.LastPublished is long last ? DateTimeOffset.FromUnixTimeMilliseconds(last) : null,
        Withdrawn = true,
    };
}
