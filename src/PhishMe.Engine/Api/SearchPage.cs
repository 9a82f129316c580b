using PhishMe.Engine.Threats;

namespace PhishMe.Engine.Api;

/// <summary>
/// One answer of <c>/threat/search</c>, parsed once (reference/api.md §5.1). The documents are slices of the body it owns.
/// </summary>
internal sealed class SearchPage(ResponseBody body, IReadOnlyList<ThreatDocument> threats, IReadOnlyList<UnreadableThreat> unreadable) : IDisposable
{
    /// <summary>In the order of the answer, each id once: the last one where an answer repeats an id.</summary>
    public IReadOnlyList<ThreatDocument> Threats { get; } = threats;

    public IReadOnlyList<UnreadableThreat> Unreadable { get; } = unreadable;

    /// <summary>0 when nothing matches or the answer has no <c>page</c>.</summary>
    public int TotalPages { get; init; }

    public long TotalElements { get; init; }

    public DateTimeOffset? ServedAt => body.ServedAt;

    /// <summary>Bytes of the whole answer.</summary>
    public int Length => body.Length;

    public void Dispose() => body.Dispose();
}
