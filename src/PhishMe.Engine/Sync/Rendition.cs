using PhishMe.Engine.Threats;

namespace PhishMe.Engine.Sync;

/// <summary>One threat in one format, ready to be handed over. The bytes live as long as the batch.</summary>
internal readonly record struct Rendition(ReadOnlyMemory<byte> Bytes, ContentHash Content)
{
    /// <summary>For JSON: whether it is known to have no insignificant white space, that is, to be one line.</summary>
    public bool IsCompact { get; init; }
}
