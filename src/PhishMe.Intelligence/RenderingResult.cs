namespace PhishMe.Intelligence;

/// <summary>What became of a threat that was rendered.</summary>
/// <param name="Units">Lines, rows, packages or events made of it.</param>
/// <param name="LeftOut">Indicators that are not in them, though the conditions of the caller let them pass.</param>
public readonly record struct RenderingResult(int Units, int LeftOut)
{
    /// <summary>Why they are not; null when nothing was left out.</summary>
    public LeftOutCounts? Reasons { get; init; }

    /// <summary>The result with its reasons.</summary>
    /// <param name="units">Lines, rows, packages or events.</param>
    /// <param name="reasons">What was left out and why.</param>
    /// <returns>The result.</returns>
    public static RenderingResult Of(int units, LeftOutCounts reasons)
    {
        ArgumentNullException.ThrowIfNull(reasons);
        var total = reasons.Total;
        return new RenderingResult(units, total) { Reasons = total > 0 ? reasons : null };
    }
}
