namespace PhishMe.Torture.Kills;

/// <summary>What came of one or more kills and the runs after them.</summary>
/// <param name="Points">Where the runs were killed.</param>
/// <param name="Kills">How many of them really were: a run may end before its time comes.</param>
/// <param name="Differences">What is not as after an uninterrupted run.</param>
internal sealed record KillVerdict(IReadOnlyList<KillPoint> Points, int Kills, IReadOnlyList<string> Differences)
{
    public bool IsGood => Differences.Count == 0;

    public override string ToString() => $"killed at {string.Join(", then at ", Points)}: {(IsGood ? "as if nothing had happened" : string.Join("; ", Differences))}";
}
