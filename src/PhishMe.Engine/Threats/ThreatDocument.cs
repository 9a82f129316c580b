using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>A threat as received: the bytes, and the few fields the journey needs.</summary>
internal sealed record ThreatDocument
{
    public required ThreatId Id { get; init; }

    /// <summary>Epoch milliseconds; <c>firstPublished</c>, for phish <c>firstDate</c>.</summary>
    public long? FirstPublished { get; init; }

    /// <summary>Epoch milliseconds; <c>lastPublished</c>, for phish <c>lastDate</c>.</summary>
    public long? LastPublished { get; init; }

    /// <summary>The object exactly as it came; lives as long as the answer it came in.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>Whether <see cref="Json"/> has no insignificant white space, that is, is a line of an append file as it stands.</summary>
    public required bool IsCompact { get; init; }

    /// <summary>Fingerprint of the content without the date of last publication: a moved date alone is no change.</summary>
    public required ContentHash Content { get; init; }
}
