using System.Text.Json;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// How a threat is written for readers that page by time: each object has a version of its own, a millisecond after the one before, and what threats share
/// is left out, because it is served by itself. Takes note of where each object is in the output.
/// </summary>
/// <param name="first">The version of the first object.</param>
/// <param name="validUntil">The end of the validity of what is not revoked.</param>
internal sealed class StixServing(DateTimeOffset first, DateTimeOffset validUntil)
{
    private readonly List<StixServedPart> _parts = [];

    /// <summary>As it is written.</summary>
    public string ValidUntil { get; } = Utf8Writing.TimeText(validUntil);

    /// <summary>The families that objects refer to.</summary>
    public SortedSet<string> Families { get; } = new(StringComparer.Ordinal);

    /// <summary>The objects in order.</summary>
    public IReadOnlyList<StixServedPart> Parts => _parts;

    /// <summary>An object begins.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="indicator">The indicator that it is or comes from; null for the report.</param>
    /// <param name="json">The writer, behind the opening brace.</param>
    /// <returns>The version.</returns>
    public string Begin(string id, Indicator? indicator, Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        _parts.Add(new StixServedPart(id, indicator, json.BytesCommitted + json.BytesPending - 1));
        return Utf8Writing.TimeText(first.AddMilliseconds(_parts.Count - 1));
    }
}
