using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Sync;

/// <summary>A page of a backfill with its threats in the formats wanted.</summary>
internal sealed class FetchedPage(FetchedThreats fetched) : IDisposable
{
    /// <summary>Bytes of the answers to the search.</summary>
    public required int Length { get; init; }

    public required int TotalPages { get; init; }

    public required long TotalElements { get; init; }

    /// <summary>Whether a threat of the page could not be served.</summary>
    public required bool HasGaps { get; init; }

    public Batch ToBatch(SyncCursor after) =>
        new() { Threats = fetched.Threats, SetAside = fetched.SetAside, Bodies = fetched.Bodies, After = after };

    /// <summary>The same as the answer to a gap: that one is set aside or healed, and no further gaps are noted in its place.</summary>
    public Batch ToBatch(SyncCursor after, IReadOnlyList<DeadLetter> setAside, IReadOnlyList<DeadLetter> healed) => new()
    {
        Threats = fetched.Threats,
        SetAside = [.. fetched.SetAside.Where(letter => letter.Place is not PositionGap), .. setAside],
        Healed = healed,
        Bodies = fetched.Bodies,
        After = after,
    };

    public void Dispose() => fetched.Dispose();
}
